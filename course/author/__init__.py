"""What an author of assignments touches: points, mistakes and alternatives, the build and the audit."""

from .marks import alternative, equivalent, mistake, points

__all__ = ["alternative", "equivalent", "mistake", "points"]
