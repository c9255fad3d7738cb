"""A learner's way into nbgrader's exchange from their own folder, with whatever configuration nbgrader finds there.

Unlike `learner`, this knows no course home: a learner cannot open one.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeSubmit
from nbgrader.utils import get_username
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from ...learn.handin import HandinError
from ..nbconfig import quiet

_COURSE = re.compile(r"[^\s/\\*?\[\]+.][^\s/\\*?\[\]+]*")


@dataclass(frozen=True)
class Exchange:
    """The exchange in which a course has its folders, as nbgrader is set up here."""

    root: Path
    course: str
    settings: Any

    @property
    def inbound(self) -> Path:
        """Where submissions go."""
        return self.root / self.course / "inbound"


def settings() -> Any:
    """nbgrader's configuration: Jupyter's folders, then ``$COURSE_HOME``, then the current folder, the last decides."""
    home = os.environ.get("COURSE_HOME")
    folders = [*reversed(jupyter_config_path()), *([home] if home else []), os.getcwd()]
    made = Config()
    for folder in folders:
        for loader in (JSONFileConfigLoader, PyFileConfigLoader):
            suffix = "json" if loader is JSONFileConfigLoader else "py"
            name = f"nbgrader_config.{suffix}"
            try:
                made.merge(loader(name, path=os.path.abspath(folder)).load_config())
            except ConfigFileNotFound:
                continue
            except PermissionError:
                continue  # another's, such as a course home, which a learner cannot look into
            except Exception as error:
                raise HandinError(
                    f"{Path(folder) / name} cannot be read ({type(error).__name__}: {error}); mend it, or hand in with "
                    "--zip"
                ) from None
    return made


def exchange(course: str) -> tuple[Exchange | None, str]:
    """The exchange that has the folders of ``course``; else None, and a sentence where somebody should wonder."""
    found = settings()
    course = course or str(found.CourseDirectory.get("course_id", ""))
    configured = found.Exchange.get("root")
    root = Path(configured or ExchangeSubmit.class_traits()["root"].default_value).absolute()
    # os.path asks without raising where a folder on the way is closed to this account.
    if not os.path.isdir(root):
        return None, f"nbgrader's exchange {root} is not there, or closed to you." if configured else ""
    if _COURSE.fullmatch(course) is None:
        return None, f"nbgrader's exchange {root} was not used: the learner cell says {course!r} for course_id."
    made = Exchange(root, course, found)
    if os.path.isdir(made.inbound) and os.path.isdir(root / course / "outbound"):
        return made, ""
    if closed := next((folder for folder in (root, root / course) if not _may(folder, os.X_OK)), None):
        return None, f"nbgrader's exchange was not used: you cannot look into {closed}; its owner must allow that."
    others = sorted(path.parent.name for path in root.glob("*/outbound"))
    return None, (
        f"nbgrader's exchange {root} has no course {course!r}; it has {', '.join(map(repr, others)) or 'none'}. If "
        "yours is among them, correct course_id in the learner cell."
    )


def _may(folder: Path, mode: int) -> bool:
    """Whether this account may do that with ``folder``; a folder that is not there stops nobody."""
    return os.access(folder, mode) or not os.path.lexists(folder)


def submitter(place: Exchange, learner: str) -> tuple[str, str]:
    """The id under which a submission goes in, and a sentence where that is not what the learner cell says.

    As with `nbgrader submit` it is the account's name, or what the configuration says. Where a hub runs everybody's
    server under one account, the hub's word for its user is as good.
    """
    configured = str(place.settings.CourseDirectory.get("student_id", "*"))
    hub = os.environ.get("JUPYTERHUB_USER", "")
    try:
        account = get_username()
    except (KeyError, OSError):  # a container's account may have a number alone
        account = hub or learner
    who = configured if configured != "*" else learner if learner and learner == hub else account
    if who == learner:
        return who, ""
    return who, (
        f"The learner cell says learner_id = {learner!r}, and here you are {who!r}: it goes in as that of {who!r}. "
        "Where a task depends on your id, the one on the roster counts; ask your instructor if you are not sure of it."
    )


def there(folder: str, slug: str, data: bytes) -> bool:
    """Whether the submission ``folder`` holds these very bytes."""
    try:
        return bool(folder) and (Path(folder) / f"{slug}.ipynb").read_bytes() == data
    except OSError:
        return False


def submit(place: Exchange, slug: str, data: bytes, who: str) -> tuple[Path, str]:
    """Put ``data`` into the exchange as the notebook of ``slug``; the folder it lies in, and what else to say.

    nbgrader copies a folder. It gets one with the notebook alone, so that what was looked at is what goes in, under the
    assignment's name, and without whatever else lies beside it. `HandinError` says why nothing was handed in.
    """
    _check(place, slug)
    with quiet() as (log, heard), tempfile.TemporaryDirectory(prefix="handin-") as desk:
        (Path(desk) / slug).mkdir()
        (Path(desk) / slug / f"{slug}.ipynb").write_bytes(data)
        keys: dict[str, Any] = {"config": place.settings, "log": log}
        coursedir = CourseDirectory(**keys, course_id=place.course, assignment_id=slug, student_id=who)
        keys |= {"coursedir": coursedir, "authenticator": Authenticator(**keys)}
        step = ExchangeSubmit(**keys, root=str(place.root), assignment_dir=desk, path_includes_course=False)
        reason = ""
        try:
            step.start()
        except ExchangeError as error:
            reason = heard.last or str(error)
        except (OSError, RuntimeError) as error:
            reason = _reason(error)
        finally:
            name = getattr(step, "assignment_filename", "")
            folder = place.inbound / name
            complete = bool(name) and there(str(folder), slug, data) and (not reason or _opened(folder))
            if name and not complete:  # half a notebook would count as the last one that was handed in
                shutil.rmtree(folder, ignore_errors=True)
    if not complete:
        raise HandinError(_failed(place, slug, reason or "it did not arrive there"))
    return folder, f"nbgrader's own copy, by which it fetches feedback, could not be kept ({reason})." if reason else ""


def _check(place: Exchange, slug: str) -> None:
    """`HandinError` for what can be known before anything is copied."""
    outbound = place.root / place.course / "outbound"
    for folder in (place.root, place.inbound):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise HandinError(_failed(place, slug, f"you cannot write to {folder}; its owner must allow that"))
    if not _may(outbound, os.X_OK):
        raise HandinError(_failed(place, slug, f"you cannot look into {outbound}; its owner must allow that"))
    if not os.path.isdir(outbound / slug):
        names = sorted(path.name for path in outbound.glob("*/")) if os.access(outbound, os.R_OK) else []
        have = f"; there are {', '.join(names)}" if names else ""
        raise HandinError(_failed(place, slug, f"the course {place.course!r} has not released {slug} there{have}"))


def _failed(place: Exchange, slug: str, reason: str) -> str:
    return (
        f"nothing was handed in by nbgrader's exchange {place.root}: {reason.strip().rstrip('.')}. Tell your "
        f"instructor; until then you can hand in by your course's page: course submit {slug[:2]} --zip"
    )


def _opened(folder: Path) -> bool:
    """Whether nbgrader came as far as to open the folder to its instructor, which it does when all is copied."""
    return folder.stat().st_mode & 0o777 == 0o777


def _reason(error: Exception) -> str:
    """What went wrong in copying; shutil collects its errors in a list."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        return str(error.args[0][0][-1])
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
