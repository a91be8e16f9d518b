"""The pages for people."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from pytlas_wamp.transport.pages import index, welcome

VOID = {"meta", "link", "br"}


class Outline(HTMLParser):
    """Checks that every element ends, and collects attributes."""

    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.names = [], [], []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes.extend(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outline(reply):
    parser = Outline()
    parser.feed(reply.body.decode())
    assert parser.open == []
    return parser


PAGES = [welcome(), index("/spec/", ["a", "b/"]), index("/spec/<b>/", ['"x" & <y>'])]


@pytest.mark.parametrize("page", PAGES)
class TestPages:
    def test_are_well_formed_and_load_nothing(self, page):
        found = outline(page)
        assert "script" not in found.names
        assert not {name for name, _ in found.attributes} & {"src", "style", "onclick"}

    def test_allow_their_own_style_only(self, page):
        style = re.search(r"<style>(.*)</style>", page.body.decode())[1]
        digest = b64encode(sha256(style.encode()).digest()).decode()
        assert page.headers["Content-Security-Policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def test_are_html(self, page):
        assert page.content_type == "text/html; charset=utf-8"
        assert page.body.startswith(b"<!doctype html>")


class TestWelcome:
    def test_says_where_to_go_on(self):
        text = welcome().body.decode()
        assert "<code>/ws/assistant/</code>" in text
        assert 'href="spec/"' in text
        assert "<code>make web</code>" in text


class TestIndex:
    def test_is_sorted(self):
        links = [value for name, value in outline(index("/spec/", ["b/", "a"])).attributes]
        assert links[-2:] == ["./a", "./b/"]

    def test_a_strange_name_is_only_a_name(self):
        page = index("/spec/<b>/", ["javascript:x", '"&<i>']).body.decode()
        assert 'href="./javascript%3Ax"' in page
        assert 'href="./%22%26%3Ci%3E"' in page
        assert "<i>" not in page
        assert "<b>" not in page
