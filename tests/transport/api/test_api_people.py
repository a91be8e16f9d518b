"""Who is meant by an address, and which field is wrong."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from api_people import House

from pytlas_wamp.accounts.model import (
    BadDisplayName,
    BadLanguage,
    BadName,
    BadPassword,
    LastAdmin,
    NameTaken,
    WeakPassword,
)
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.people import naming_fields


@pytest.fixture(scope="module")
def alice():
    return House().alice


class TestAddresses:
    @pytest.mark.parametrize(
        "text",
        [
            *("0", "4", "-1", "01", "+1", "1.0", "1e0", "%201", "1%20", "x", "me", "%00", "²"),
            *(
                "\u0662",
                "\uff11",
                str(2**63 - 1),
                str(2**63),
                "9" * 400,
                "1'--",
                "1%20OR%201=1",
                "..",
                "alice",
            ),
        ],
    )
    def test_lead_to_nobody(self, alice, text):
        assert alice.get("/api/users/" + quote(text, safe="%+")).problem() == (404, "not-found")

    def test_lead_to_a_person(self, alice):
        assert alice.get("/api/users/2").json()["name"] == "bob"
        assert alice.get("/api/users/%32/").json()["name"] == "bob"

    def test_lead_to_the_caller_where_there_is_no_id(self, alice):
        assert alice.get("/api/me/logins").json()["logins"][0]["current"]


def named(error, **others) -> ClientError:
    with pytest.raises(ClientError) as caught, naming_fields(**others):
        raise error
    return caught.value


class TestNamingFields:
    @pytest.mark.parametrize(
        ("error", "code", "field"),
        [
            (BadName("So."), "invalid-request", "name"),
            (BadDisplayName("So."), "invalid-request", "display_name"),
            (NameTaken("So."), "name-taken", "name"),
            (BadLanguage("So."), "invalid-request", "language"),
            (BadPassword("So."), "invalid-request", "password"),
            (WeakPassword("So."), "weak-password", "password"),
        ],
    )
    def test_says_which_is_wrong(self, error, code, field):
        found = named(error)
        assert (found.code, found.field, found.detail) == (code, field, "So.")

    def test_may_be_told_other_names(self):
        assert named(WeakPassword("So."), new=BadPassword).field == "new"
        assert named(BadLanguage("So."), new=BadPassword).field == "language"

    def test_leaves_other_errors_alone(self):
        with pytest.raises(LastAdmin), naming_fields():
            raise LastAdmin("So.")
