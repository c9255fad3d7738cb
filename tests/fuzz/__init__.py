"""Fuzzing of what reads a learner's bytes: commands to run by hand, their corpus, and what the tests share of them."""
