"""One address typed by a person, and all that follows from it."""

from __future__ import annotations

import pytest

from pytlas_wamp.chat.addresses import DEFAULT_URL, parse_address
from pytlas_wamp.chat.problems import ChatProblem


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "http", "websocket"),
        [
            (DEFAULT_URL, "http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws/assistant/"),
            ("localhost:8000/", "http://localhost:8000", "ws://localhost:8000/ws/assistant/"),
            ("https://a.example", "https://a.example", "wss://a.example/ws/assistant/"),
            ("wss://a.example/p/", "https://a.example/p", "wss://a.example/p/ws/assistant/"),
            ("ws://a/ws/assistant/", "http://a", "ws://a/ws/assistant/"),
            ("http://[::1]:81", "http://[::1]:81", "ws://[::1]:81/ws/assistant/"),
            (" https://a:80/x/y ", "https://a:80/x/y", "wss://a:80/x/y/ws/assistant/"),
        ],
    )
    def test_all_follows_from_one_address(self, url, http, websocket):
        address = parse_address(url)

        assert (address.http, address.websocket) == (http, websocket)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "ftp://a",
            "http://",
            "http://a:b",
            "http://a:99999",
            "http://u:p@a",
            "http://a/?x",
            "http://a/#x",
            "http://a/b c",
            "http://a/\x1b",
            "http://[::1",
        ],
    )
    def test_what_is_none_is_named(self, url):
        with pytest.raises(ChatProblem, match="is not an address: it should look like"):
            parse_address(url)
