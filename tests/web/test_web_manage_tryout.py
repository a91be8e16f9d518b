"""The page on which administrators see what a sentence means."""

from __future__ import annotations

from playwright.sync_api import expect
from web_people import card, enter, error_of


class TestTryingASentence:
    def ask(self, page, sentence, language=None):
        page.get_by_label("Sentence").fill(sentence)
        if language:
            page.get_by_label("Language").select_option(language)
        page.get_by_role("button", name="Try", exact=True).click()
        return card(page, sentence)

    def test_it_shows_the_intent_and_the_slots(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/try")
        found = self.ask(page, "switch on the light in the kitchen")
        expect(found).to_contain_text("Understood")
        expect(found.locator(".intent-name").first).to_have_text("lights_on")
        slot = found.get_by_role("row").filter(has_text="room")
        expect(slot).to_contain_text("kitchen")

    def test_nothing_of_it_is_done(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/try")
        expect(self.ask(page, "where am I")).to_contain_text("where_am_i")
        history = people.house.ask("GET", "/api/me/history", token=people.alice.access)
        assert history["frames"] == []

    def test_what_is_not_understood_is_said_to_be_so(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/try")
        found = self.ask(page, "colourless green ideas sleep furiously")
        expect(found).to_contain_text("Not understood")
        expect(found).to_contain_text("No skill takes this sentence in this language.")
        expect(found.locator(".intent-name")).to_have_count(0)

    def test_another_language_can_be_tried(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/try")
        found = self.ask(page, "où suis-je", "fr-FR")
        expect(found).to_contain_text("where_am_i")
        expect(found).to_contain_text("French")

    def test_nothing_is_refused_at_its_field(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/try")
        page.get_by_role("button", name="Try", exact=True).click()
        expect(error_of(page.get_by_label("Sentence"))).to_have_text("Please fill this in.")
