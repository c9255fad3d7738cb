"""The verbs of the `course` command, one short function each, by whom they are for; imports are lazy."""
