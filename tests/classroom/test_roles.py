"""What a role has in JupyterLab: the files that say so, and the mending of copied cells when a notebook is saved."""

from __future__ import annotations

import asyncio
import copy
import json

import pytest
from click.testing import CliRunner
from traitlets.config import PyFileConfigLoader

from course.classroom.home import HomeError
from course.classroom.roles import ROLES, write
from course.cli import main
from course.learn import saving

FORMGRADER = "@jupyter/nbgrader:formgrader"
SERVER = "jupyter_server_config.d/course.json"


def disabled(path):
    return json.loads(path.read_text())["disabledExtensions"]


def extensions(folder):
    return json.loads((folder / SERVER).read_text())["ServerApp"]["jpserver_extensions"]


def test_a_learner_has_no_panels_of_the_instructor(tmp_path):
    path = write("learner", tmp_path)
    assert path == tmp_path / "labconfig" / "page_config.json"
    assert disabled(path) == {
        "@jupyterlab/apputils-extension:announcements": True,
        FORMGRADER: True,
        "@jupyter/nbgrader:course-list": True,
        "@jupyter/nbgrader:create-assignment": True,
    }
    assert extensions(tmp_path) == {"course.learn.saving": True}


def test_roles_change_and_what_others_wrote_stays(tmp_path):
    path = tmp_path / "labconfig" / "page_config.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"appName": "Ours", "disabledExtensions": {"theirs": True}}))
    write("learner", tmp_path)
    before = path.read_bytes()
    assert write("learner", tmp_path).read_bytes() == before
    assert disabled(path)["theirs"] and json.loads(before)["appName"] == "Ours"
    assert disabled(write("instructor", tmp_path)) == {
        "theirs": True,
        "@jupyterlab/apputils-extension:announcements": True,
        FORMGRADER: False,
        "@jupyter/nbgrader:course-list": False,
        "@jupyter/nbgrader:create-assignment": False,
    }
    assert extensions(tmp_path) == {"course.learn.saving": False}


def test_the_old_list_of_extensions_is_read(tmp_path):
    path = tmp_path / "labconfig" / "page_config.json"
    path.parent.mkdir()
    path.write_text('{"disabledExtensions": ["theirs"]}')
    assert disabled(write("learner", tmp_path))["theirs"] is True


@pytest.mark.parametrize("text", ["{", "[]", '{"disabledExtensions": 3}', '{"disabledExtensions": [3]}'])
def test_a_damaged_file_is_named_and_left_alone(tmp_path, text):
    path = tmp_path / "labconfig" / "page_config.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(HomeError, match=r"page_config\.json.*move it away"):
        write("learner", tmp_path)
    assert path.read_text() == text and not (tmp_path / SERVER).exists()


def test_an_unknown_role_is_named(tmp_path):
    with pytest.raises(HomeError, match=r"no role 'student'; known are \['instructor', 'learner'\]"):
        write("student", tmp_path)


def cell(name, **marks):
    return {"cell_type": "code", "source": name, "metadata": {"nbgrader": {"grade_id": name}, **marks}}


def test_a_copy_loses_its_marks_when_it_is_saved():
    locked = cell("check-double", deletable=False, editable=False, tags=["mine"])
    own = {"cell_type": "code", "source": "x = 1", "metadata": {}}
    cells = [locked, cell("function-double"), copy.deepcopy(locked), own, own]
    before = copy.deepcopy(cells)
    saving.mend({"type": "notebook", "content": {"cells": cells}}, path="x.ipynb")
    assert cells == [*before[:2], before[2] | {"metadata": {"tags": ["mine"]}}, *before[3:]]


def test_what_is_no_notebook_is_left_alone():
    for model in ({"type": "file", "content": "text"}, {"type": "notebook", "content": None}, {"type": "directory"}):
        before = copy.deepcopy(model)
        saving.mend(model)
        assert model == before


def test_the_extension_mends_what_every_contents_manager_saves():
    class Manager:
        def __init__(self):
            self.hooks = []

        def register_pre_save_hook(self, hook):
            self.hooks.append(hook)

    class App:
        contents_manager = Manager()

    assert saving._jupyter_server_extension_points() == [{"module": "course.learn.saving"}]
    saving._load_jupyter_server_extension(App)
    first, App.contents_manager = App.contents_manager, Manager()
    asyncio.run(saving._start_jupyter_server_extension(App))
    assert saving.mend in first.hooks and saving.mend in App.contents_manager.hooks


def test_init_writes_a_folder_for_each_role(home, tmp_path):
    for _ in range(2):
        done = CliRunner().invoke(
            main, ["init", "demo", "--home", str(home.path), "--roles", str(tmp_path / "jupyter")]
        )
        assert done.exit_code == 0 and done.stdout.count("JUPYTER_CONFIG_DIR=") == 2
    settings = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path / "jupyter" / "learner")).load_config()
    assert settings.Exchange.root == str(home.exchange) and settings.CourseDirectory.course_id == "demo"
    hidden = {role: disabled(tmp_path / "jupyter" / role / "labconfig" / "page_config.json") for role in ROLES}
    assert hidden["learner"][FORMGRADER] and not hidden["instructor"][FORMGRADER]
    assert not (tmp_path / "jupyter" / "instructor" / "nbgrader_config.py").exists()
