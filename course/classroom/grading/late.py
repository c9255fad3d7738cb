"""The late policy of `course.toml` as nbgrader's plug-in, so that every door takes the same points off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin

from ..home import Home


class LatePolicy(LateSubmissionPlugin):
    """Asks the course home what lateness costs; nbgrader calls it for what came after its due date, extension included.

    It never takes off more than the score, and a person's own penalty is theirs to set in formgrader.
    """

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off; see `schedule.Late`. Where `course.toml` has no policy, nbgrader's own setting holds."""
        converter: Any = self.parent.parent.parent  # plug-in, preprocessor, exporter, converter
        home = Home.open(Path(converter.coursedir.root))
        if not home.settings.late:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        return home.settings.late.penalty(score, total_seconds_late)
