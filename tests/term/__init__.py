"""One scripted term: a synthetic class through every door, every mishap and every verb."""
