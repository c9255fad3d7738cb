"""From a submission to verdicts: transplant, jailed workers, trusted hidden checks, and the journal."""
