"""Processes killed at random while a class is graded: nothing may be lost, doubled or changed by it."""
