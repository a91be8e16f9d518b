"""What counted as credentials for the original server, and does not count here (spec 2.1, 3.2)."""

from __future__ import annotations

import pytest

from wire_devices import HANDSHAKE, frame, text
from wire_pair import wire


@pytest.fixture
def line(monkeypatch):
    with wire(monkeypatch) as one:
        one.add_user("alice")
        yield one


class TestCookies:
    def test_one_signs_nobody_in(self, line):
        """Fault 14 of the original: a page of any origin could talk as who was signed in."""
        cookie = f"Cookie: sessionid=0123456789abcdef; access={line.token()}\r\n\r\n"
        device = line.dial_raw(HANDSHAKE[:-2] + cookie.encode())
        line.settle()
        assert (device.opened, device.seen) == (True, [])

        device.write(frame(text({"message": "echo hello"})))
        assert (device.seen, device.closed) == ([], (1000, "authentication-expected"))
