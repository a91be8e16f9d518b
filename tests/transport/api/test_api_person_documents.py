"""What is told of people and their logins."""

from __future__ import annotations

from pytlas_wamp.accounts.model import Account, Login
from pytlas_wamp.transport.api.person_documents import login_document, me_document, user_document

ANN = Account(
    id=7,
    name="ann",
    language="fr_FR",
    active=False,
    admin=True,
    display_name="Ann",
    created_at=1_800_000_000,
)


class TestDocuments:
    def test_people_are_told_about_themselves(self):
        assert me_document(ANN) == {
            "id": 7,
            "name": "ann",
            "display_name": "Ann",
            "language": "fr_FR",
            "admin": True,
            "created_at": "2027-01-15T08:00:00Z",
        }

    def test_administrators_are_told_more(self):
        known = user_document(ANN)
        assert (known["active"], known["original"], known["id"]) == (False, False, 7)

    def test_an_old_account_has_no_time(self):
        old = Account(id=1, name="o", language="en", active=True, admin=False, original_id=0)
        assert (user_document(old)["created_at"], user_document(old)["original"]) == (None, True)

    def test_a_login_is_told_without_its_refresh_token(self):
        login = Login(
            id="l1",
            user_id=7,
            kind="password",
            client="Phone",
            created_at=1_800_000_000,
            seen_at=1_800_000_060,
            address=None,
            refresh_id="r1",
            expires_at=1_800_003_600,
        )
        assert login_document(login) == {
            "id": "l1",
            "kind": "password",
            "client": "Phone",
            "created_at": "2027-01-15T08:00:00Z",
            "seen_at": "2027-01-15T08:01:00Z",
            "address": None,
            "expires_at": "2027-01-15T09:00:00Z",
        }
