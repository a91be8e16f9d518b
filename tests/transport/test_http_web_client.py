"""The web client's files at their addresses, and the page where they are missing."""

from __future__ import annotations

import gzip
import re

import pytest
from http_line import Server
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.transport.web_client import UNBUILT, WEB_DIRECTORY, load_web_client

PAGE = "<!doctype html><title>Chat</title>" + "<p>x</p>" * 100
FILES = {
    "index.html": PAGE,
    "manage.html": PAGE.replace("Chat", "Manage"),
    "manifest.webmanifest": "{}",
    "favicon.svg": "<svg/>",
    "healthz": "not mine",
    "icons/icon 192.png": "png",
    "assets/chat-Bk_3-xY9.js": "go()",
    "assets/chat-Bk_3-xY9.js.map": "{}",
    "assets/shared-D4f6G8h0.css": "p{}",
    "assets/plain.js": "stay()",
    ".built-from": "secret",
    "assets/.hidden-D4f6G8h0.js": "secret",
}
KEPT = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("built")
    for name, text in FILES.items():
        file = root / "web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "secret.js").write_text("secret")
    (root / "web/assets/link-D4f6G8h0.js").symlink_to(root / "secret.js")
    return Server(options={"web": load_web_client(root / "web")})


def policy(answer) -> dict[str, str]:
    """The parts of an answer's Content-Security-Policy."""
    parts = answer.header("Content-Security-Policy").split("; ")
    return {name: " ".join(sources) for name, *sources in (part.split(" ") for part in parts)}


class TestPages:
    @pytest.mark.parametrize(
        ("path", "file"),
        [("/", "index.html"), ("/manage", "manage.html"), ("/manage/", "manage.html")],
    )
    def test_have_an_address_without_an_ending(self, server, path, file):
        answer = server.ask("GET", path)
        assert (answer.status, answer.body.decode()) == (200, FILES[file])
        assert answer.header("Content-Type") == "text/html; charset=utf-8"

    @pytest.mark.parametrize("path", ["/index.html", "/index", "/manage.html", "/manage/x"])
    def test_have_no_other(self, server, path):
        assert server.ask("GET", path).problem() == (404, "not-found")

    def test_may_load_and_ask_nothing_but_this_server(self, server):
        shown = policy(server.ask("GET", "/"))
        assert shown == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data: blob: https: http:",
            "media-src": "'self' data: https: http:",
            "connect-src": "'self'",
            "font-src": "'self'",
            "manifest-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }

    def test_are_asked_for_each_time(self, server):
        answer = server.ask("GET", "/manage", Accept_Encoding="gzip")
        assert answer.header("Cache-Control") == "no-cache"
        assert gzip.decompress(answer.body).decode() == FILES["manage.html"]
        tag = answer.header("ETag")
        again = server.ask("GET", "/manage", Accept_Encoding="gzip", If_None_Match=tag)
        assert (again.status, again.body) == (304, b"")
        # A browser puts the headers of a 304 in the place of those it has.
        assert policy(again) == policy(answer)

    def test_cannot_be_written_to(self, server):
        answer = server.ask("POST", "/", b"x")
        assert (answer.status, answer.header("Allow")) == (405, "GET, HEAD, OPTIONS")

    def test_do_not_take_an_address_of_the_server(self, server):
        assert server.ask("GET", "/healthz").json() == {"status": "ok"}


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content_type", "kept"),
        [
            ("manifest.webmanifest", "application/manifest+json", "no-cache"),
            ("favicon.svg", "image/svg+xml", "no-cache"),
            ("icons/icon%20192.png", "image/png", "no-cache"),
            ("assets/chat-Bk_3-xY9.js", "text/javascript; charset=utf-8", KEPT),
            ("assets/chat-Bk_3-xY9.js.map", "application/json", KEPT),
            ("assets/shared-D4f6G8h0.css", "text/css; charset=utf-8", KEPT),
            ("assets/plain.js", "text/javascript; charset=utf-8", "no-cache"),
        ],
    )
    def test_are_kept_for_ever_if_their_name_says_what_is_in_them(
        self, server, name, content_type, kept
    ):
        answer = server.ask("GET", f"/{name}")
        assert (answer.status, answer.header("Content-Type")) == (200, content_type)
        assert answer.header("Cache-Control") == kept
        assert answer.body.decode() == FILES[name.replace("%20", " ")]

    def test_may_do_nothing_when_they_are_opened_themselves(self, server):
        answer = server.ask("GET", "/favicon.svg")
        assert policy(answer) == {"default-src": "'none'", "frame-ancestors": "'none'"}

    @pytest.mark.parametrize(
        "path",
        [
            "/assets",
            "/assets/",
            "/icons/",
            "/web/",
            "/.built-from",
            "/assets/.hidden-D4f6G8h0.js",
            "/assets/link-D4f6G8h0.js",
            "/assets/../index.html",
            "/assets%2Fplain.js",
            "//assets/plain.js",
            "/assets//plain.js",
            "/assets/%2e%2e/secret.js",
            "/../secret.js",
            "/assets/plain.js/x",
            "/assets/plain.js%00",
            "/assets/%ff",
        ],
    )
    def test_nothing_else_is_there(self, server, path):
        assert server.ask("GET", path).problem() == (404, "not-found")

    @given(
        st.lists(st.sampled_from(["..", ".", "%2e%2e", "assets", "secret.js", "web", "%2f", "\\"]))
    )
    def test_no_spelling_leads_out(self, server, names):
        answer = server.ask("GET", "/" + "/".join(names))
        assert b"secret" not in answer.body
        assert answer.status in {200, 404}


class TestWithoutABuild:
    @pytest.mark.parametrize("path", ["/", "/manage"])
    def test_a_page_says_how_to_get_one(self, path):
        answer = Server().ask("GET", path)
        assert answer.status == 200
        assert re.search("has not been built: <code>make web</code>", answer.body.decode())
        assert "script-src" not in policy(answer)

    @pytest.mark.parametrize("name", [".built-from", "manage.html", "assets/index.html"])
    def test_half_of_one_is_none(self, tmp_path, name):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
        assert load_web_client(tmp_path) is UNBUILT

    def test_no_folder_is_needed(self, tmp_path):
        assert load_web_client(tmp_path / "nowhere") is UNBUILT


class TestPlace:
    def test_is_in_the_package_beside_the_code(self):
        assert (WEB_DIRECTORY.name, WEB_DIRECTORY.parent.name) == ("web", "pytlas_wamp")
        assert (WEB_DIRECTORY.parent / "errors.py").is_file()
