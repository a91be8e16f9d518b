"""What pytlas.ini says, on the pages: skills can be installed, and settings have values."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect
from web_house import House
from web_people import PASSWORD, enter, error_of, isolated
from web_skills import KETTLE, job, put, skill

# Stands in for the way to another machine: git runs there what it is given last.
SSH = """
import subprocess, sys
sys.exit(subprocess.call(sys.argv[-1].replace("'/", "'./"), shell=True, cwd=FOLDER))
"""


def keep_with_git(folder):
    """Commit what is in a folder; the server may update and remove a skill that came so."""
    git = [
        shutil.which("git"),
        "-C",
        folder,
        "-c",
        "user.name=me",
        "-c",
        "user.email=me@home.example",
    ]
    for command in (["init"], ["add", "."], ["commit", "--message", "As it is"]):
        subprocess.run([*git, *command], check=True, capture_output=True)  # noqa: S603 - ours


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """The folder of repositories of a machine that the server reaches by ssh."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def house(tmp_path_factory, elsewhere):
    """A server that allows it, and on which nothing is broken."""
    house = House(tmp_path_factory.mktemp("house"))
    (house.folder / "pytlas.ini").write_text(
        "[server]\nskill_installation = yes\n[stage]\ntown = Nice\n"
    )
    shutil.rmtree(house.folder / "skills" / "broken")
    keep_with_git(put(house, "me__kettle"))
    ssh = elsewhere / "ssh.py"
    ssh.write_text(SSH.replace("FOLDER", repr(str(elsewhere))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_SSH_COMMAND", f"{sys.executable} {ssh}")
        house.start()
    house.set_up("alice", PASSWORD)
    yield house
    house.kill()


@pytest.fixture
def page(visitor, people):
    return enter(visitor, people.alice, "/manage#/skills")


class TestInstallation:
    def test_a_source_that_is_none_is_said_at_its_field(self, page):
        form = page.get_by_role("form", name="Add a skill")
        source = form.get_by_label("Where it is")
        source.fill("file:///etc")
        form.get_by_role("button", name="Add").click()
        expect(error_of(source)).not_to_be_empty()
        expect(source).to_have_value("file:///etc")

    def test_what_cannot_be_fetched_fails_with_the_reason(self, page):
        form = page.get_by_role("form", name="Add a skill")
        form.get_by_label("Where it is").fill("https://127.0.0.1:9/nobody/nothing")
        form.get_by_role("button", name="Add").click()
        expect(job(page)).to_contain_text("Adding https://127.0.0.1:9/nobody/nothing")
        expect(job(page).get_by_role("status")).to_have_text("Failed")
        expect(job(page).get_by_role("alert")).not_to_be_empty()

    def test_one_is_added_and_then_updated(self, page, elsewhere):
        repository = elsewhere / "me" / "lantern"
        repository.mkdir(parents=True)
        code = KETTLE.replace("Kettle", "Lantern").replace("boil", "shine")
        (repository / "__init__.py").write_text(code)
        keep_with_git(repository)
        form = page.get_by_role("form", name="Add a skill")
        form.get_by_label("Where it is").fill("ssh://elsewhere.example/me/lantern")
        form.get_by_role("button", name="Add").click()
        expect(job(page).get_by_role("status")).to_have_text("Done")
        lantern = skill(page, "Lantern")
        expect(lantern).to_contain_text(f"Version {isolated('1.2.3')}")
        expect(lantern).to_contain_text("English: understood")
        (repository / "__init__.py").write_text(code.replace("1.2.3", "2.0"))
        keep_with_git(repository)
        page.get_by_role("button", name="Update Lantern").click()
        expect(lantern).to_contain_text(f"Version {isolated('2.0')}")
        expect(job(page).get_by_role("status")).to_have_text("Done")

    def test_one_that_came_with_git_can_be_removed(self, page, house):
        expect(skill(page, "Kettle")).to_be_visible()
        page.get_by_role("button", name="Remove Kettle").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"{isolated('Kettle')} is taken out")
        dialog.get_by_role("button", name="Remove").click()
        expect(job(page).get_by_role("status")).to_have_text("Done")
        expect(skill(page, "Kettle")).to_have_count(0)
        expect(skill(page, "Lights")).to_be_visible()
        assert not (house.folder / "skills" / "me__kettle").exists()

    def test_a_new_folder_is_loaded_by_reloading(self, page, house):
        expect(skill(page, "Lights")).to_be_visible()
        expect(skill(page, "Teapot")).to_have_count(0)
        put(house, "teapot", KETTLE.replace("Kettle", "Teapot").replace("boil", "brew"))
        page.get_by_role("button", name="Reload").click()
        expect(job(page).get_by_role("status")).to_have_text("Done")
        expect(skill(page, "Teapot")).to_contain_text("English: understood")


class TestSettings:
    def test_a_value_of_pytlas_ini_is_shown_as_such_until_there_is_an_own_one(
        self, visitor, people
    ):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        stage = page.get_by_role("form", name="Stage")
        town = stage.get_by_label("Town", exact=True)
        expect(town).to_have_accessible_description(re.compile("From pytlas.ini of the server"))
        # That there is one is told to everybody; what it is, to administrators.
        expect(town).to_have_value("")
        assert "Nice" not in page.content()
        expect(page.get_by_role("button", name="Remove the value of Town")).to_have_count(0)
        town.fill("Lyon")
        page.get_by_role("button", name="Save Stage").click()
        expect(stage.get_by_role("status")).to_have_text("Saved.")
        expect(stage.get_by_text("From pytlas.ini of the server")).to_have_count(0)
        page.get_by_role("button", name="Remove the value of Town").click()
        page.get_by_role("button", name="Save Stage").click()
        expect(town).to_have_value("")
        expect(stage.get_by_text("From pytlas.ini of the server")).to_have_count(1)

    def test_an_administrator_sees_which_value_it_is(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/settings")
        town = page.get_by_role("form", name="Stage").get_by_label("Town", exact=True)
        expect(town).to_have_value("Nice")
        expect(town).to_have_accessible_description(re.compile("From pytlas.ini of the server"))
