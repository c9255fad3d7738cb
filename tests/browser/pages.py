"""What one does on JupyterLab's and nbgrader's pages: menus, the assignment list, a notebook, formgrader."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

WAIT = 60_000
"""Milliseconds that a page may take: a busy machine is slow, and a test that waits for a condition costs no time."""
_RAN = """([cell, before]) => {
  const now = cell.querySelector(".jp-InputPrompt").innerText.trim();
  return /\\d/.test(now) && now !== before;
}"""
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def i_am(learner: str) -> str:
    """What the learner cell should say."""
    return f'# learner: who you are\ncourse_id = "demo"\nlearner_id = "{learner}"'


class Door:
    """A browser's window on one Jupyter server, and the one assignment that goes through it."""

    def __init__(self, context: Any, url: str, work: Path, slug: str) -> None:
        self.context, self.url, self.work, self.slug = context, url, work, slug
        self.errors: list[str] = []
        context.set_default_timeout(WAIT)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.page = context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())  # leaving a page with unsaved work asks

    @property
    def file(self) -> Path:
        """The learner's notebook."""
        return self.work / self.slug / f"{self.slug}.ipynb"

    def lab(self, path: str = "/lab") -> None:
        """Open JupyterLab, with nothing of before in it."""
        self.page.goto(f"{self.url}{path}?reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def menu(self) -> list[str]:
        """What nbgrader's menu offers; it is left open."""
        self.page.get_by_role("menuitem", name="Nbgrader").click()
        labels = self.page.locator(".lm-Menu .lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel")
        labels.first.wait_for()
        return labels.all_inner_texts()

    def choose(self, label: str) -> None:
        """An entry of nbgrader's menu."""
        self.menu()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(label, exact=True).click()

    def leave(self) -> None:
        """Leave JupyterLab, whatever is not saved; its kernels go on."""
        self.page.goto("about:blank")

    def save_picture(self, name: str, file: Path | None = None) -> None:
        """A screenshot of the window, or of a whole page that lies in a file, where SCREENSHOTS names a folder."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        path = Path(folder) / f"{name}.png"
        if file is None:
            self.page.screenshot(path=path)
            return
        page = self.context.new_page()
        page.goto(file.as_uri())
        page.screenshot(path=path, full_page=True)
        page.close()


class Assignments:
    """The learner's assignment list."""

    def __init__(self, door: Door, anew: bool = True) -> None:
        self.door, self.page = door, door.page
        if anew:
            door.lab()
        door.choose("Assignment List")

    def _row(self, part: str) -> Any:
        return self.page.locator(f"#{part}_assignments_list .list_item:has-text('{self.door.slug}')").first

    def fetch(self) -> None:
        """Fetch the assignment; it stands among the fetched ones then."""
        self._row("released").get_by_role("button", name="Fetch").click()
        self._row("fetched").wait_for()

    def submissions(self) -> int:
        """How many submissions the list shows."""
        return self.page.locator("#submitted_assignments_list .nested_list_item").count()

    def submit(self) -> None:
        """Submit what is saved; the list shows one submission more then."""
        button = self._row("fetched").get_by_role("button", name="Submit")
        button.wait_for()
        shown = self.page.locator("#submitted_assignments_list .nested_list_item")
        before = shown.count()
        button.click()
        shown.nth(before).wait_for(state="attached")

    def fetch_feedback(self) -> None:
        """Fetch the feedback; the list offers to look at it then."""
        self.page.locator("#submitted_assignments_list").get_by_role("button", name="Fetch Feedback").first.click()
        self._view.wait_for()

    @property
    def _view(self) -> Any:
        return self.page.locator("#submitted_assignments_list").get_by_text("view feedback").first

    def read_feedback(self) -> str:
        """Open the page as a learner does, from the folder that nbgrader shows; its text."""
        self._view.click()
        self.page.locator(f".jp-DirListing-item:has-text('{self.door.slug}.html')").dblclick()
        body = self.page.frame_locator(".jp-HTMLViewer iframe").locator("body")
        body.wait_for()
        return body.inner_text()


class Notebook:
    """The learner's notebook in JupyterLab."""

    def __init__(self, door: Door) -> None:
        self.door, self.page = door, door.page
        door.lab(f"/lab/tree/{door.slug}/{door.slug}.ipynb")
        self.panel = self.page.locator(PANEL)
        self._idle()

    def _idle(self) -> None:
        self.panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        # Idle is shown before the kernel is connected; a cell that is run then is not run.
        self.page.locator("#jp-main-statusbar").get_by_text("(ipykernel) | Idle").wait_for()

    def cell(self, first_line: str, nth: int = 0) -> Any:
        """The code cell that begins with ``first_line``."""
        return self.panel.locator(f".jp-CodeCell:has(.cm-line:first-child:has-text('{first_line}'))").nth(nth)

    def write(self, first_line: str, source: str) -> None:
        """Replace a cell's source; typing would indent by itself."""
        self.cell(first_line).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(source)

    def run(self, first_line: str, timeout: float = WAIT) -> str:
        """Run a cell, and wait until it has run; the text under it."""
        cell = self.cell(first_line)
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text().strip()
        prompt.click()
        self.page.keyboard.press("Control+Enter")
        # The number is a star while the cell runs.
        self.page.wait_for_function(_RAN, arg=[cell.element_handle(), before], timeout=timeout)
        return "\n".join(cell.locator(".jp-OutputArea-output").all_inner_texts())

    def duplicate(self, first_line: str) -> None:
        """Copy a cell and paste it below, by the keys that do that in JupyterLab."""
        cell = self.cell(first_line)
        cell.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("c")
        self.page.keyboard.press("v")
        self.cell(first_line, 1).wait_for()

    @property
    def dirty(self) -> Any:
        """The mark on its tab, which says that it is not saved."""
        return self.page.locator(".lm-TabBar-tab.jp-mod-dirty")

    def save(self) -> None:
        """Save, and wait until JupyterLab says that it is."""
        self.page.keyboard.press("Control+s")
        self.dirty.wait_for(state="detached")

    def validate(self) -> str:
        """nbgrader's Validate: the text of the dialog, which is closed."""
        self.panel.get_by_role("button", name="Validate").click()
        dialog = self.page.locator("dialog.jp-Dialog")
        dialog.wait_for(timeout=2 * WAIT)
        said = dialog.inner_text()
        self.door.save_picture("validate")
        dialog.locator("button.jp-mod-accept").click()
        dialog.wait_for(state="detached")
        return said


class Formgrader:
    """The instructor's formgrader."""

    def __init__(self, door: Door, panel: bool = False) -> None:
        """In a tab of its own, which opens quicker than JupyterLab with its ``panel``."""
        self.door, self.page = door, door.page
        if panel:
            door.lab()
            door.choose("Formgrader")
            self.frame = self.page.frame_locator("iframe[src*=formgrader]")
        else:
            self.page.goto(f"{door.url}/formgrader")
            self.frame = self.page
        self.assignment.wait_for()

    @property
    def assignment(self) -> Any:
        """The assignment's row among the assignments."""
        return self.frame.locator(f"tr:has(td.name:has-text('{self.door.slug}'))")

    def press(self, row: Any, column: str) -> str:
        """Press the icon in a column; what the dialog that answers has as its title and text, and it is closed."""
        row.locator(f"td.{column} a").click()
        dialog = self.frame.locator(".modal.in")
        dialog.wait_for(timeout=2 * WAIT)
        said = dialog.locator(".modal-title").inner_text() + "\n" + dialog.locator(".modal-body").inner_text()
        dialog.locator("[data-dismiss=modal]").first.click()
        self.frame.locator(".modal-backdrop").wait_for(state="detached")
        return said

    def collect(self) -> str:
        """Collect; what the dialog said."""
        return self.press(self.assignment, "collect")

    def submission(self, learner: str) -> Any:
        """Go to the submissions of the assignment; the learner's row."""
        self.assignment.locator("td.num-submissions a").click()
        row = self.frame.locator("tr:has(td.autograde)").filter(has=self.frame.get_by_text(learner, exact=True))
        row.wait_for()
        return row

    def give(self, learner: str, cell: str, score: float) -> None:
        """Open the learner's graded notebook, and type a score for a cell."""
        self.submission(learner).locator("td.student-name a").click()
        self.frame.locator("td.name a").get_by_text(self.door.slug).click()
        # A score that is typed before the grades are loaded is lost.
        field = self.frame.locator(f"input#{cell}[placeholder]")
        field.wait_for()
        with self.page.expect_response(_is_grade):
            field.fill(f"{score:g}")
            field.press("Tab")


def _is_grade(response: Any) -> bool:
    """Whether formgrader has saved a grade."""
    return response.request.method == "PUT" and "/formgrader/api/grade/" in response.url
