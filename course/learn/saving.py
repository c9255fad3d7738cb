"""A Jupyter server extension: when a notebook is saved, a copy of a cell stops saying that it is the original.

JupyterLab copies a cell's marks along with its text. Then two cells bear one grade id, nbgrader's Validate answers
with a traceback, and a copy of a locked cell can be neither edited nor deleted. `course.classroom.roles` switches this
on for learners; grading mends copies by itself, whether it was on or not.
"""

from __future__ import annotations

from typing import Any


def mend(model: dict[str, Any], **_: Any) -> None:
    """Take nbgrader's mark, and the lock, off every cell of a notebook that repeats the grade id of one before it."""
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    seen = set()
    for cell in model["content"].get("cells", ()):
        marks = cell.get("metadata", {})
        name = marks.get("nbgrader", {}).get("grade_id")
        if name is None:
            continue
        if name in seen:
            for mark in ("nbgrader", "deletable", "editable"):
                marks.pop(mark, None)
        seen.add(name)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """What Jupyter asks of an extension."""
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Mend whatever this server saves."""
    app.contents_manager.register_pre_save_hook(mend)


async def _start_jupyter_server_extension(app: Any) -> None:
    """Once more, when all extensions are loaded: jupytext's puts another contents manager in the place of the first."""
    app.contents_manager.register_pre_save_hook(mend)
