"""Where the server can be reached."""

from __future__ import annotations

import pytest

from pytlas_wamp.config import read_config
from pytlas_wamp.config.addresses import unix_paths, urls


def configured(*listen):
    return read_config(config_file=None, options={"listen": listen}, environ={})


class TestUrls:
    @pytest.mark.parametrize(
        ("endpoint", "url"),
        [
            ("tcp:8000", "http://127.0.0.1:8000"),
            ("tcp:port=8000", "http://127.0.0.1:8000"),
            ("tcp:interface=10.0.0.7:port=8000", "http://10.0.0.7:8000"),
            ("tcp:8000:interface=0.0.0.0:backlog=5", "http://127.0.0.1:8000"),
            (r"tcp:8000:interface=\:\:", "http://[::1]:8000"),
            ("tcp:8000:interface=0.0.0.0", "http://127.0.0.1:8000"),
            ("tcp:8000:interface=192.0.2.7", "http://192.0.2.7:8000"),
            ("tcp6:8000:interface=\\:\\:", "http://[::1]:8000"),
            ("tcp6:8000:interface=\\:\\:1", "http://[::1]:8000"),
            ("ssl:8443:privateKey=k.pem", "https://127.0.0.1:8443"),
        ],
    )
    def test_are_what_this_machine_can_open(self, endpoint, url):
        assert urls(configured(endpoint)) == [url]

    def test_come_in_order(self):
        assert urls(configured("tcp:2", "unix:/run/x", "tcp:1")) == [
            "http://127.0.0.1:2",
            "http://127.0.0.1:1",
        ]

    def test_leave_other_endpoints_out(self):
        assert urls(configured("unix:/run/x", "tcp:7")) == ["http://127.0.0.1:7"]


class TestUnixPaths:
    @pytest.mark.parametrize(
        ("endpoint", "path"),
        [
            ("unix:/run/x.sock:mode=660", "/run/x.sock"),
            ("unix:address=/run/x.sock", "/run/x.sock"),
            ("unix:/run/a\\:b", "/run/a:b"),
        ],
    )
    def test_are_files(self, endpoint, path):
        assert unix_paths(configured(endpoint, "tcp:7")) == [path]
