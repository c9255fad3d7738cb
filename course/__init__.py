"""The machinery of the course: building, checking, releasing, collecting and grading assignments."""

__version__ = "0.1.0"
