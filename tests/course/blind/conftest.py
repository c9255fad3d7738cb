"""Answers are data, not tests."""

collect_ignore_glob = ["*.py"]
