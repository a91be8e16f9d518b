"""Whatever an operator writes is either read or refused in sentences."""

from __future__ import annotations

from config_places import ORIGINAL, read
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pytlas_wamp.config import OWN_SECTIONS, SETTINGS
from pytlas_wamp.errors import ConfigError

KEYS = st.sampled_from([setting.key for setting in SETTINGS])
LINES = st.one_of(
    st.sampled_from(["server", "web", "database", "pytlas", "DEFAULT"]).map("[{}]".format),
    st.builds("{} = {}".format, KEYS, st.text(max_size=20)),
    st.builds("{}: {}".format, KEYS, st.sampled_from(["%", "%(lang)s", "~", "1", "fr", "a:b"])),
    st.text(max_size=20),
)


class TestArbitraryInput:
    @settings(derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.one_of(st.lists(LINES, max_size=12).map("\n".join), st.text()))
    @example(text=ORIGINAL)
    def test_any_text_is_read_or_refused(self, place, text):
        self.read_or_refuse(place, text, {}, {})

    @settings(derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(content=st.binary())
    def test_any_bytes_are_read_or_refused(self, place, content):
        self.read_or_refuse(place, content, {}, {})

    @settings(derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        environ=st.dictionaries(
            st.sampled_from([setting.variable for setting in SETTINGS]), st.text()
        ),
        options=st.dictionaries(
            st.sampled_from(["data_dir", "skills_dir", "database", "interpreter"]), st.text()
        ),
    )
    def test_any_environment_and_command_line_are_read_or_refused(self, place, environ, options):
        self.read_or_refuse(place, "", options, environ)

    @staticmethod
    def read_or_refuse(place, text, options, environ):
        problems, config = (), None
        try:
            config = read(place, text, options=options, environ=environ)
        except ConfigError as error:
            problems = error.problems
        assert bool(problems) != bool(config)
        assert all("\n" not in problem for problem in problems)
        if config:
            assert config.data_dir.is_absolute()
            assert not set(config.skill_sections) & set(OWN_SECTIONS)
