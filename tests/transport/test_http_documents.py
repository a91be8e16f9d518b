"""The files of the contract: all of them, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from http_line import SPEC, Server
from hypothesis import example, given
from hypothesis import strategies as st

import pytlas_wamp
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.documents import load_documents, spec_directory


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A contract with a bit of everything, and a secret beside it."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "secret.txt").write_text("secret")
    spec = root / "spec"
    files = {
        "README.md": "# Grüße",
        "errors.json": "{}",
        "openapi.yaml": "a: 1",
        "schema/answer.schema.json": "{}",
        "schema/deep/one & two.txt": "x",
        "picture.svg": "<svg/>",
        "other.bin": "x",
        ".hidden": "secret",
        ".git/config": "secret",
    }
    for name, text in files.items():
        file = spec / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (spec / "link.txt").symlink_to(root / "secret.txt")
    (spec / "inner.json").symlink_to(spec / "errors.json")
    (spec / "outside").symlink_to(root)
    return spec


@pytest.fixture(scope="module")
def server(folder):
    return Server(spec=load_documents(folder))


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("README.md", "text/markdown; charset=utf-8"),
            ("schema/answer.schema.json", "application/schema+json"),
            ("schema/deep/one%20&%20two.txt", "text/plain; charset=utf-8"),
        ],
    )
    def test_have_the_type_of_their_name(self, server, name, content_type):
        answer = server.ask("GET", f"/spec/{name}")
        assert (answer.status, answer.header("Content-Type")) == (200, content_type)

    def test_are_served_as_they_are(self, server, folder):
        assert server.ask("GET", "/spec/README.md").body == (folder / "README.md").read_bytes()

    @pytest.mark.parametrize(
        "name",
        [
            "nowhere",
            "errors.json/",
            "errors.json/x",
            "schema//answer.schema.json",
            "../secret.txt",
            "..%2Fsecret.txt",
            "%2e%2e/secret.txt",
            "schema/../errors.json",
            "schema%2Fanswer.schema.json",
            "..\\secret.txt",
            "/etc/passwd",
            "%2Fetc%2Fpasswd",
            ".",
            "./",
            "..",
            "../",
            "errors.json%00",
            "%ff",
            "link.txt",
            "inner.json",
            "outside",
            "outside/",
            "outside/secret.txt",
            ".hidden",
            ".git/",
            ".git/config",
        ],
    )
    def test_nothing_else_is_there(self, server, name):
        answer = server.ask("GET", f"/spec/{name}")
        assert answer.problem() == (404, "not-found")

    @given(
        st.lists(
            st.sampled_from(
                ["..", ".", "%2e%2e", "schema", "outside", "secret.txt", "%2f", "", "\\"]
            )
        )
    )
    @example(["schema", "..", "..", "secret.txt"])
    def test_no_spelling_leads_out(self, server, names):
        answer = server.ask("GET", "/spec/" + "/".join(names))
        assert b"secret" not in answer.body
        assert answer.status in {200, 301, 404}

    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20))
    def test_no_address_is_a_fault_of_ours(self, server, path):
        assert server.ask("GET", "/spec/" + path).status in {200, 301, 404}


class TestCaching:
    def test_a_file_may_be_kept_but_has_to_be_asked_for(self, server):
        answer = server.ask("GET", "/spec/errors.json")
        assert answer.header("Cache-Control") == "no-cache"
        known = server.ask("GET", "/spec/errors.json", If_None_Match=answer.header("ETag"))
        assert known.status == 304


class TestFolders:
    def test_the_first_page_lists_what_is_there(self, server):
        answer = server.ask("GET", "/spec/")
        assert answer.header("Content-Type") == "text/html; charset=utf-8"
        links = re.findall(r'href="([^"]*)"', answer.body.decode())
        assert links == [
            "./README.md",
            "./errors.json",
            "./openapi.yaml",
            "./other.bin",
            "./picture.svg",
            "./schema/",
        ]

    def test_inner_pages_lead_back(self, server):
        page = server.ask("GET", "/spec/schema/deep/").body.decode()
        assert re.findall(r'href="([^"]*)"', page) == ["../", "./one%20%26%20two.txt"]
        assert "one &amp; two.txt</a>" in page
        assert "<h1>/spec/schema/deep/</h1>" in page

    @pytest.mark.parametrize(
        ("path", "place"),
        [("/spec", "spec/"), ("/spec/schema", "schema/"), ("/spec/schema/deep", "deep/")],
    )
    def test_without_a_slash_lead_to_the_page(self, server, path, place):
        answer = server.ask("GET", path)
        assert (answer.status, answer.header("Location"), answer.body) == (301, place, b"")

    def test_every_link_of_the_real_contract_leads_somewhere(self):
        server, seen, todo = Server(), set(), ["/spec/"]
        while todo:
            path = todo.pop()
            answer = server.ask("GET", path)
            assert answer.status == 200, path
            seen.add(path)
            if path.endswith("/"):
                links = re.findall(r'href="\./([^"]*)"', answer.body.decode())
                todo.extend(path + link for link in links)
        there = {f"/spec/{file.relative_to(SPEC)}" for file in SPEC.rglob("*") if file.is_file()}
        assert {path for path in seen if not path.endswith("/")} == there


class TestPlace:
    def test_in_a_checkout_it_is_beside_src(self):
        assert spec_directory() == Path(pytlas_wamp.__file__).parents[2] / "spec"

    def test_in_a_wheel_it_is_in_the_package(self, tmp_path):
        package = tmp_path / "site-packages" / "pytlas_wamp"
        for place in (package / "spec", tmp_path / "spec"):
            place.mkdir(parents=True)
            (place / "errors.json").write_text("{}")
        assert spec_directory(package) == package / "spec"

    def test_where_it_is_nowhere_the_operator_learns_what_to_do(self, tmp_path):
        with pytest.raises(OperatorError, match=r"are missing: .*pytlas_wamp/spec\. Install"):
            spec_directory(tmp_path / "lib" / "pytlas_wamp")

    def test_an_empty_folder_has_an_empty_page(self, tmp_path):
        documents = load_documents(tmp_path)
        assert documents.endpoint(("",)) != documents.endpoint(("x",))
