"""The class: course home, release, exchange, nbgrader's gradebook and feedback. The one room that imports nbgrader."""
