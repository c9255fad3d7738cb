"""What a role has in JupyterLab: learners need no formgrader, their copies of cells are mended when they save.

nbgrader shows everybody everything. The settings are files in a folder that Jupyter reads, so that one image or one
machine of learners is set up by one call.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .home import Home, HomeError, write_text

_NBGRADER = "@jupyter/nbgrader:"
_PANELS = ("formgrader", "course-list", "create-assignment")
_NEWS = "@jupyterlab/apputils-extension:announcements"

ROLES: dict[str, dict[str, bool]] = {
    "learner": {_NEWS: True} | {_NBGRADER + panel: True for panel in _PANELS},
    "instructor": {_NEWS: True} | {_NBGRADER + panel: False for panel in _PANELS},
}
"""JupyterLab's extensions by role: True is switched off, False on."""
_SAVING = "course.learn.saving"


def write(role: str, folder: Path) -> Path:
    """Write what ``role`` (``learner`` or ``instructor``) has into the Jupyter configuration ``folder``.

    The folder is one that ``jupyter --paths`` lists under config, such as ``/etc/jupyter`` on a machine of learners,
    or ``~/.jupyter``. Returns its ``labconfig/page_config.json``; what else that says stays. Safe to run again.

    >>> write("learner", Path("/etc/jupyter"))     # doctest: +SKIP
    """
    if role not in ROLES:
        raise HomeError(f"there is no role {role!r}; known are {sorted(ROLES)}")
    path = folder / "labconfig" / "page_config.json"
    settings = _read(path)
    extensions = _switches(settings.get("disabledExtensions", {}), path)
    settings["disabledExtensions"] = extensions | ROLES[role]
    write_text(path, _text(settings))
    saving = {"ServerApp": {"jpserver_extensions": {_SAVING: role == "learner"}}}
    write_text(folder / "jupyter_server_config.d" / "course.json", _text(saving))
    return path


def write_roles(home: Home, folder: Path) -> list[Path]:
    """Write ``folder/learner`` and ``folder/instructor``, each a Jupyter configuration folder; their paths.

    The learner's says where the exchange is, so that nbgrader's lists are filled; the instructor starts Jupyter in the
    course home, whose own `nbgrader_config.py` says everything. Safe to run again.
    """
    for role in ROLES:
        write(role, folder / role)
    names = {"CourseDirectory.course_id": home.settings.course_id, "Exchange.root": str(home.exchange.resolve())}
    lines = [f"c.{name} = {value!r}\n" for name, value in names.items()]
    write_text(folder / "learner" / "nbgrader_config.py", "c = get_config()\n" + "".join(lines))
    return [folder / role for role in ROLES]


def _text(settings: dict[str, Any]) -> str:
    return json.dumps(settings, indent=2) + "\n"


def _read(path: Path) -> dict[str, Any]:
    """The settings that are there; `HomeError` where they are not JupyterLab's, which nobody should overwrite."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise HomeError(f"{path} is not valid JSON ({error}); mend it, or move it away") from None
    if not isinstance(settings, dict):
        raise HomeError(f"{path} holds {type(settings).__name__}, where JupyterLab wants an object; move it away")
    return settings


def _switches(found: Any, path: Path) -> dict[str, bool]:
    """``disabledExtensions`` as an object; older versions of JupyterLab wrote a list of what is off."""
    if isinstance(found, list) and all(isinstance(name, str) for name in found):
        return dict.fromkeys(found, True)
    if not isinstance(found, dict):
        raise HomeError(f"{path}: disabledExtensions should be an object of extensions; mend it, or move it away")
    return dict(found)
