"""The page of skills, where the server lets administrators install them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from playwright.sync_api import expect
from web_house import House
from web_people import PASSWORD, enter, error_of, isolated
from web_skills import KETTLE, job, put, skill


def keep_with_git(folder):
    """What tells the server that it may update and remove a skill."""
    git = [
        shutil.which("git"),
        "-C",
        folder,
        "-c",
        "user.name=me",
        "-c",
        "user.email=me@home.example",
    ]
    for command in (["init"], ["add", "."], ["commit", "--message", "A kettle"]):
        subprocess.run([*git, *command], check=True, capture_output=True)  # noqa: S603 - ours


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server that allows it, and on which nothing is broken."""
    house = House(tmp_path_factory.mktemp("house"))
    (house.folder / "pytlas.ini").write_text("[server]\nskill_installation = yes\n")
    shutil.rmtree(house.folder / "skills" / "broken")
    keep_with_git(put(house, "me__kettle"))
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
