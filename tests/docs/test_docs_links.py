"""Links of the documentation lead somewhere, and it speaks of the project alone."""

from __future__ import annotations

import re

import pytest
from docs_pages import DOCS, PAGES, ROOT, anchors, links, name

LINKS = [(page, target) for page in PAGES for target in links(page)]
STRANGE = re.compile(r"\bissue #?\d|/tmp/|\bTODO\b", re.IGNORECASE)


@pytest.mark.parametrize(
    ("page", "target"), LINKS, ids=[f"{name(page)} {target}" for page, target in LINKS]
)
def test_links_lead_to_a_file_and_a_heading(page, target):
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page

    assert file.is_relative_to(ROOT)
    assert file.exists()
    assert not anchor or anchor in anchors(file)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_speak_of_the_project_alone(page):
    assert STRANGE.findall(page.read_text(encoding="utf-8")) == []


def test_the_index_leads_to_every_page():
    index = DOCS / "README.md"
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in links(index)}

    assert {name(page) for page in DOCS.rglob("*.md")} - {name(page) for page in linked} == {
        "docs/README.md"
    }


def test_the_names_of_changelog_fragments_fit():
    kinds = "security|removed|deprecated|added|changed|fixed"
    files = [file.name for file in (ROOT / "changelog.d").iterdir() if file.name != "README.md"]

    assert [file for file in files if not re.fullmatch(rf"[a-z0-9-]+\.({kinds})\.md", file)] == []
