"""A configuration as a child process gets it."""

from __future__ import annotations

from pytlas_wamp.config import read_config
from pytlas_wamp.service.handover import config_from_line, config_to_line

FILE = """
[web]
secret = 0123456789abcdef0123456789abcdef
[server]
listen = tcp:1, tcp:2
bundled_skills = clock, greetings
skill_deadlines = weather: 120.5
turn_deadline_seconds = 7.5
[pytlas]
lang = fr, en
[cluster]
processes = 3
[weather]
key = ключ
  in two lines
"""


class TestHandover:
    def test_everything_arrives(self, tmp_path):
        file = tmp_path / "pytlas.ini"
        file.write_text(FILE)
        config = read_config(config_file=file, options={"data_dir": tmp_path}, environ={})
        assert config_from_line(config_to_line(config)) == config

    def test_defaults_arrive(self, tmp_path):
        config = read_config(config_file=None, options={"data_dir": tmp_path}, environ={})
        assert config_from_line(config_to_line(config)) == config

    def test_it_is_one_line(self, tmp_path):
        file = tmp_path / "pytlas.ini"
        file.write_text(FILE)
        config = read_config(config_file=file, options={"data_dir": tmp_path}, environ={})
        line = config_to_line(config)
        assert line.isascii()
        assert "\n" not in line
