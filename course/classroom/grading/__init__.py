"""From what was handed in to the gradebook: judging, nbgrader's plug-in, regrading, review."""
