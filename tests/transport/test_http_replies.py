"""Answers as values."""

from __future__ import annotations

import pytest

from pytlas_wamp.transport.replies import Reply, created, json_reply, moved, no_content


class TestReplies:
    def test_json_is_compact_and_keeps_its_order(self):
        reply = json_reply({"refresh": "r", "access": "a"})
        assert (reply.status, reply.body) == (200, b'{"refresh":"r","access":"a"}')
        assert reply.content_type == "application/json"

    def test_what_json_does_not_have_is_refused(self):
        with pytest.raises(ValueError, match="JSON"):
            json_reply(float("nan"))

    def test_the_size_of_the_body_is_said(self):
        assert json_reply({}).fields() == {
            "Content-Length": "2",
            "Content-Type": "application/json",
        }

    @pytest.mark.parametrize("status", [204, 304])
    def test_where_there_is_never_a_body_there_is_no_size(self, status):
        assert Reply(status=status, headers={"A": "b"}).fields() == {"A": "b"}

    def test_no_content_is_204(self):
        assert no_content({"Allow": "GET"}) == Reply(status=204, headers={"Allow": "GET"})

    def test_what_moved_says_where_to(self):
        assert moved("spec/").fields() == {"Location": "spec/", "Content-Length": "0"}
        assert moved("spec/").status == 301

    def test_bodies_do_not_get_into_logs(self):
        assert "secret" not in repr(json_reply({"access": "secret"}))


class TestCreated:
    def test_says_where_it_is(self):
        reply = created({"id": 7}, "/api/users/7")
        assert (reply.status, reply.body) == (201, b'{"id":7}')
        assert reply.fields()["Location"] == "/api/users/7"

    def test_may_still_be_in_the_making(self):
        assert created([], "/api/jobs/1", status=202).status == 202
