"""A file in memory: its type, its tag, and its compressed form."""

from __future__ import annotations

import gzip
import os
import re

import pytest
from http_line import Server

from pytlas_wamp.transport.endpoints import Methods
from pytlas_wamp.transport.files import MAY_CHANGE, files_below, read_file

MODIFIED = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
LONG = b"say it again, " * 100
NOISE = bytes(range(256))


HOME = "https://home.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A few files, each at its name; `packed.js` and `noise.png` compressed if it pays."""
    folder = tmp_path_factory.mktemp("files")
    contents = {
        "README.md": b"# Hello",
        "errors.json": b"{}",
        "openapi.yaml": b"a: 1",
        "plain.js": LONG,
        "packed.js": LONG,
        "noise.png": NOISE,
        "empty.css": b"",
    }
    served = {}
    for name, body in contents.items():
        file = folder / name
        file.write_bytes(body)
        os.utime(file, (MODIFIED, MODIFIED + 0.9))
        compress = name in {"packed.js", "noise.png", "empty.css"}
        served[f"/{name}"] = Methods({"GET": read_file(file, MAY_CHANGE, compress=compress).answer})
    return served


@pytest.fixture(scope="module")
def server(served):
    return Server(options={"web": served})


class TestType:
    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("README.md", "text/markdown; charset=utf-8"),
            ("errors.json", "application/json"),
            ("answer.schema.json", "application/schema+json"),
            ("app.js.map", "application/json"),
            ("openapi.yaml", "application/yaml"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("index.html", "text/html; charset=utf-8"),
            ("app.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("app.mjs", "text/javascript; charset=utf-8"),
            ("manifest.webmanifest", "application/manifest+json"),
            ("icon.svg", "image/svg+xml"),
            ("icon.png", "image/png"),
            ("favicon.ico", "image/x-icon"),
            ("letters.woff2", "font/woff2"),
            ("other.bin", "application/octet-stream"),
            ("none", "application/octet-stream"),
        ],
    )
    def test_is_that_of_the_name(self, tmp_path, name, content_type):
        file = tmp_path / name
        file.write_bytes(b"x")
        assert read_file(file, {}).content_type == content_type


class TestCaching:
    def test_a_file_says_what_it_is_and_since_when(self, server):
        answer = server.ask("GET", "/errors.json")
        assert re.fullmatch('"[0-9a-f]{32}"', answer.header("ETag"))
        assert answer.header("Last-Modified") == DATE

    def test_other_contents_have_other_tags(self, server):
        tags = {
            server.ask("GET", f"/{name}").header("ETag")
            for name in ("errors.json", "README.md", "openapi.yaml")
        }
        assert len(tags) == 3

    @pytest.mark.parametrize("spelling", ["{}", "W/{}", '"x", {}', '"x",{} , "y"', "*"])
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_who_has_it_does_not_get_it_again(self, server, method, spelling):
        tag = server.ask("GET", "/errors.json").header("ETag")
        answer = server.ask(method, "/errors.json", If_None_Match=spelling.format(tag))
        assert (answer.status, answer.body) == (304, b"")
        assert answer.header("ETag") == tag
        assert answer.header("Content-Type") is None

    @pytest.mark.parametrize(
        ("date", "status"),
        [
            (DATE, 304),
            ("Tue, 14 Nov 2023 22:13:21 GMT", 304),
            ("Tue, 14 Nov 2023 22:13:19 GMT", 200),
            ("yesterday", 200),
            ("Tue, 99 Foo 2023 22:13:19 GMT", 200),
            ("Tue, 14 N\xf6v 2023 22:13:20 GMT", 200),
            ("", 200),
        ],
    )
    def test_a_date_counts_as_well(self, server, date, status):
        answer = server.ask("GET", "/errors.json", If_Modified_Since=date)
        assert answer.status == status

    def test_a_tag_counts_more_than_a_date(self, server):
        answer = server.ask("GET", "/errors.json", If_None_Match='"x"', If_Modified_Since=DATE)
        assert answer.status == 200


class TestCompression:
    def test_who_likes_it_gets_it(self, server):
        answer = server.ask("GET", "/packed.js", Accept_Encoding="gzip, deflate, br")
        assert answer.header("Content-Encoding") == "gzip"
        assert gzip.decompress(answer.body) == LONG
        assert answer.header("Content-Type") == "text/javascript; charset=utf-8"
        assert int(answer.header("Content-Length")) == len(answer.body) < len(LONG)

    @pytest.mark.parametrize("headers", [{}, {"Accept_Encoding": "br"}])
    def test_who_does_not_gets_the_file(self, server, headers):
        answer = server.ask("GET", "/packed.js", **headers)
        assert (answer.body, answer.header("Content-Encoding")) == (LONG, None)

    def test_caches_learn_that_there_are_two(self, server):
        answers = [
            server.ask("GET", "/packed.js", Accept_Encoding=coding) for coding in ("gzip", "br")
        ]
        assert {answer.header("Vary") for answer in answers} == {"Accept-Encoding"}
        assert len({answer.header("ETag") for answer in answers}) == 2

    def test_each_of_the_two_is_known_by_its_own_tag(self, server):
        tag = server.ask("GET", "/packed.js", Accept_Encoding="gzip").header("ETag")
        known = server.ask("GET", "/packed.js", Accept_Encoding="gzip", If_None_Match=tag)
        assert (known.status, known.header("ETag"), known.body) == (304, tag, b"")
        assert known.header("Vary") == "Accept-Encoding"
        assert known.header("Content-Encoding") is None
        assert server.ask("GET", "/packed.js", If_None_Match=tag).status == 200

    def test_the_head_alone_says_the_same(self, server):
        head = server.ask("HEAD", "/packed.js", Accept_Encoding="gzip")
        whole = server.ask("GET", "/packed.js", Accept_Encoding="gzip")
        assert head.body == b""
        assert {**head.headers, "date": 0} == {**whole.headers, "date": 0}

    @pytest.mark.parametrize("status", [200, 304])
    def test_the_origin_counts_as_well_where_few_are_allowed(self, served, status):
        server = Server(options={"web": served, "allowed_origins": (HOME,)})
        tag = server.ask("GET", "/packed.js").headers["etag"][0] if status == 304 else ""
        answer = server.ask("GET", "/packed.js", If_None_Match=tag)
        assert answer.status == status
        assert sorted(answer.headers["vary"]) == ["Accept-Encoding", "Origin"]

    @pytest.mark.parametrize("name", ["plain.js", "noise.png", "empty.css"])
    def test_is_not_done_unasked_nor_where_it_gains_nothing(self, server, name):
        answer = server.ask("GET", f"/{name}", Accept_Encoding="gzip")
        assert answer.header("Content-Encoding") is None
        assert answer.header("Vary") is None

    def test_is_the_same_after_each_start(self, tmp_path, monkeypatch):
        file = tmp_path / "app.js"
        file.write_bytes(LONG)
        first = read_file(file, {}, compress=True)
        monkeypatch.setattr("time.time", lambda: 1.0)
        assert read_file(file, {}, compress=True) == first


class TestFolder:
    def test_has_what_is_in_it_and_nothing_from_elsewhere(self, tmp_path):
        (tmp_path / "secret.txt").write_text("secret")
        folder = tmp_path / "folder"
        for name in ("a.txt", "deep/er/b.txt", ".hidden", ".git/config", "deep/.c"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("x")
        (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
        (folder / "inner.txt").symlink_to(folder / "a.txt")
        (folder / "outside").symlink_to(tmp_path)
        assert dict(files_below(folder)) == {
            ("a.txt",): folder / "a.txt",
            ("deep", "er", "b.txt"): folder / "deep/er/b.txt",
        }

    def test_may_be_missing(self, tmp_path):
        assert list(files_below(tmp_path / "nowhere")) == []
