"""Fields out of bodies of every kind, and out of what is none."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.bodies import read_fields

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=cut"
NAMES = ("username", "password")
REFUSALS = {"malformed-json", "invalid-request", "unsupported-media-type"}


def read(body: bytes, content_type: str | None = "application/json", names=NAMES):
    return read_fields(body, content_type, names, max_depth=8)


def refused(body: bytes, content_type: str | None = "application/json") -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        read(body, content_type)
    return caught.value.code, caught.value.detail


def read_or_refused(body: bytes, content_type: str, names=("a", "b")) -> tuple[str, ...]:
    try:
        return read(body, content_type, names)
    except ClientError as error:
        return error.code, error.detail


def parts(*fields: tuple[str, str], boundary: str = "cut") -> bytes:
    shown = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    return "".join([*shown, f"--{boundary}--\r\n"]).encode()


class TestJson:
    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=latin-1",
            "Application/JSON ;x=y",
        ],
    )
    def test_fields_come_in_the_order_asked_for(self, content_type):
        body = json.dumps({"password": " p ", "x": [1], "username": "é"}, ensure_ascii=False)
        assert read(body.encode(), content_type) == ("é", " p ")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"nope",
            b"{'username': 1}",
            b'{"username": NaN}',
            b"\xff",
            b"\xef\xbb\xbf{}",
            b"[" * 10_000,
            b'{"a":' * 9 + b"1" + b"}" * 9,
            b"9" * 5_000,
            b'"text"',
            b"[]",
            b"null",
            '{"username": "ü"}'.encode("latin-1"),
        ],
    )
    def test_what_is_no_object_is_malformed(self, body):
        assert refused(body)[0] == "malformed-json"

    def test_it_may_be_as_deep_as_allowed(self):
        inner = b'{"a":' * 7 + b"1" + b"}" * 7
        assert read(b'{"username":"a","password":"b","x":' + inner + b"}") == ("a", "b")

    @pytest.mark.parametrize(
        ("document", "detail"),
        [
            ({}, '"username" is missing, "password" is missing.'),
            ({"username": "a"}, '"password" is missing.'),
            ({"username": "a", "password": 1}, '"password" has to be a string.'),
            ({"username": None, "password": "b"}, '"username" has to be a string.'),
            ({"username": ["a"], "password": True}, None),
            ({"username": " \t", "password": "b"}, '"username" may not be blank.'),
            ({"username": "a", "password": ""}, '"password" may not be blank.'),
            (
                {"username": "a\0", "password": "b\ud800"},
                (
                    '"username" contains a NUL or half a character, '
                    '"password" contains a NUL or half a character.'
                ),
            ),
        ],
    )
    def test_fields_that_cannot_be_used_are_named(self, document, detail):
        code, said = refused(json.dumps(document).encode())
        assert code == "invalid-request"
        assert detail in {said, None}


class TestForms:
    def test_fields_are_read(self):
        body = urlencode({"username": "é & co", "password": "a+b =", "more": "x"}).encode()
        assert read(body, FORM + "; charset=utf-8") == ("é & co", "a+b =")

    def test_the_last_of_several_counts(self):
        assert read(b"username=a&password=b&username=c", FORM) == ("c", "b")

    def test_a_missing_or_blank_field_is_named(self):
        assert refused(b"username=", FORM)[1] == (
            '"username" may not be blank, "password" is missing.'
        )

    @pytest.mark.parametrize(
        "body", [b"\xff", b"username=%ff&password=b", b"&".join([b"a=b"] * 101)]
    )
    def test_what_is_no_form_is_refused(self, body):
        assert refused(body, FORM)[0] == "invalid-request"


class TestMultipart:
    @pytest.mark.parametrize(
        "content_type",
        [
            MULTIPART,
            'Multipart/Form-Data; charset=utf-8; Boundary="cut"',
            "multipart/form-data;boundary=cut; x=y",
        ],
    )
    def test_fields_are_read(self, content_type):
        body = parts(("username", "é"), ("file", "x\r\ny"), ("password", " p\r\n-- "))
        assert read(body, content_type) == ("é", " p\r\n-- ")

    def test_texts_before_and_behind_are_ignored(self):
        body = b"before\r\n" + parts(("username", "a"), ("password", "b")) + b"behind --cut"
        assert read(body, MULTIPART) == ("a", "b")

    def test_other_headers_and_unquoted_names_are_fine(self):
        body = (
            b"--cut  \r\ncontent-type: text/plain\r\n"
            b"content-disposition: Form-Data; filename=x; name=username\r\n\r\na\r\n"
            b'--cut\r\nContent-Disposition: form-data; name="password"; filename="f"\r\n'
            b"Content-Type: text/plain\r\n\r\nb\r\n--cut--"
        )
        assert read(body, MULTIPART) == ("a", "b")

    def test_a_file_name_is_no_name(self):
        body = b'--cut\r\nContent-Disposition: form-data; filename="username"\r\n\r\na\r\n--cut--'
        assert refused(body, MULTIPART)[0] == "invalid-request"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"username=a",
            b"--cut",
            b"--cut\r\n",
            parts(("username", "a"))[:-4],
            b"--cut\r\n\r\na\r\n--cut--",
            b"--cutter\r\n" + parts(("username", "a"))[7:],
            b"--cut\r\nContent-Disposition: form-data\r\n\r\na\r\n--cut--",
            b'--cut\r\nContent-Disposition: form-data; name="username"\r\n--cut--',
            b'--cut\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--cut--',
            b'--cut\r\nContent-Disposition: form-data; name="username"\r\n\r\n\xff\r\n--cut--',
            parts(*[("a", "b")] * 101),
        ],
    )
    def test_what_is_no_form_is_refused(self, body):
        assert refused(body, MULTIPART) == (
            "invalid-request",
            "The body is not a form in UTF-8 as its Content-Type says.",
        )

    @pytest.mark.parametrize(
        "content_type",
        [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=" + "x" * 71 + '"',
            "multipart/form-data; boundary=ü",
        ],
    )
    def test_a_boundary_is_needed(self, content_type):
        assert refused(parts(("username", "a"), ("password", "b")), content_type)[0] == (
            "invalid-request"
        )


class TestOtherTypes:
    @pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/jsonp", "json"])
    def test_are_refused_with_what_would_be_right(self, content_type):
        code, detail = refused(b"{}", content_type)
        assert code == "unsupported-media-type"
        assert "application/json" in detail

    def test_nothing_at_all_has_no_fields(self):
        assert refused(b"", None)[1] == '"username" is missing, "password" is missing.'

    @given(
        st.binary() | st.text().map(str.encode),
        st.sampled_from(["application/json", FORM, MULTIPART]) | st.text(),
    )
    @example(b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n', MULTIPART)
    def test_every_body_is_read_or_refused(self, body, content_type):
        outcome = read_or_refused(body, content_type, ("a",))
        assert len(outcome) == 1 or outcome[0] in REFUSALS

    @given(st.dictionaries(st.sampled_from("abc"), st.text(min_size=1)))
    def test_both_kinds_of_forms_and_json_say_the_same(self, fields):
        text = {n: v.replace("\r\n--cut", "") for n, v in fields.items()}

        expected = read_or_refused(json.dumps(text).encode(), "application/json")
        assert read_or_refused(urlencode(text).encode(), FORM) == expected
        if text:
            assert read_or_refused(parts(*text.items()), MULTIPART) == expected


class TestOptionalFields:
    def read(self, document):
        body = json.dumps(document).encode()
        return read_fields(body, "application/json", ("a",), optional=("b", "c"), max_depth=8)

    def test_come_behind_the_others_and_are_empty_when_left_out(self):
        assert self.read({"a": "1", "c": " \0"}) == ("1", "", " \0")

    @pytest.mark.parametrize("value", [None, 1, [], {}, True])
    def test_are_texts(self, value):
        with pytest.raises(ClientError, match='"c" has to be a string') as caught:
            self.read({"a": "1", "c": value})
        assert caught.value.field == "c"

    def test_the_first_field_that_is_wrong_is_named(self):
        with pytest.raises(ClientError) as caught:
            self.read({"b": 1})
        assert caught.value.field == "a"
        assert caught.value.detail == '"a" is missing, "b" has to be a string.'
