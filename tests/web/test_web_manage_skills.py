"""The page on which administrators see what the assistant can do, and change it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web_people import enter, error_of, isolated
from web_skills import job, put, skill


@pytest.fixture(scope="module")
def house(own_house):
    """One that gets other skills."""
    return own_house


class TestSkills:
    def test_those_that_came_with_the_server_are_listed(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/skills")
        lights = skill(page, "Lights")
        expect(lights).to_contain_text("Came with the server")
        languages = lights.get_by_role("list", name="Languages")
        expect(languages).to_contain_text("English: understood")
        expect(lights.get_by_role("button")).to_have_count(0)
        lights.get_by_text("Intents").click()
        expect(
            lights.get_by_role("list", name="Intents").get_by_role("listitem")
        ).not_to_have_count(0)

    def test_a_broken_one_comes_first_with_the_last_line_of_its_traceback(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/skills")
        first = page.get_by_role("list", name="Skills").locator("> li").first
        expect(first).to_contain_text("Not loaded")
        problem = first.get_by_role("list", name="What is wrong with broken")
        expect(problem).to_contain_text("ValueError: <b>there is no kettle</b>")
        expect(problem).not_to_contain_text("Traceback")
        expect(problem.locator("b")).to_have_count(0)

    def test_reloading_takes_what_is_new_and_tells_what_is_still_broken(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/skills")
        expect(skill(page, "Lights")).to_be_visible()
        expect(skill(page, "Kettle")).to_have_count(0)
        put(people.house, "kettle")
        page.get_by_role("button", name="Reload").click()
        expect(job(page)).to_contain_text("Reloading the skills")
        expect(job(page).get_by_role("status")).to_have_text("Failed")
        expect(job(page).get_by_role("alert")).to_contain_text("<b>there is no kettle</b>")
        expect(skill(page, "Kettle")).to_contain_text("Boils water.")
        expect(skill(page, "Kettle")).to_contain_text(f"Version {isolated('1.2.3')}")
        job(page).get_by_role("button", name="Close").click()
        expect(job(page)).to_have_count(0)

    def test_a_job_that_goes_on_is_shown_as_it_goes(self, visitor, people):
        """The server is quick; one that takes its time is played to the page."""
        page = enter(visitor, people.alice, "/manage#/skills")
        state = {"state": "running", "lines": ["one"], "problem": None}
        base = {"id": "j1", "kind": "reload", "subject": "", "created_at": "2026-11-23T04:30:00Z"}

        def answer(route):
            route.fulfill(status=202, json={**base, "ended_at": None, **state})

        page.route("**/api/skills/reload", answer)
        page.route("**/api/jobs/j1", answer)
        page.get_by_role("button", name="Reload").click()
        progress = job(page).get_by_role("log", name="Progress")
        expect(progress).to_have_text("one")
        expect(job(page).get_by_role("status").first).to_contain_text("Running")
        expect(page.get_by_role("button", name="Reload")).to_be_disabled()
        state["lines"] = ["one", "two"]
        expect(progress.get_by_text("two")).to_be_visible()
        state.update(state="failed", problem="no such repository")
        expect(job(page).get_by_role("alert")).to_have_text("no such repository")
        expect(job(page).get_by_role("status").first).to_have_text("Failed")
        expect(page.get_by_role("button", name="Reload")).to_be_enabled()

    def test_why_none_can_be_added_is_explained(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/skills")
        form = page.get_by_role("form", name="Add a skill")
        form.get_by_label("Where it is").fill("nobody/nothing")
        form.get_by_role("button", name="Add").click()
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("Adding, updating and removing skills is not enabled")
        expect(notice).to_contain_text("skill_installation = yes")
        expect(form).to_have_count(0)

    def test_adding_needs_to_know_where_it_is(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/skills")
        form = page.get_by_role("form", name="Add a skill")
        form.get_by_role("button", name="Add").click()
        expect(error_of(form.get_by_label("Where it is"))).to_have_text("Please fill this in.")
