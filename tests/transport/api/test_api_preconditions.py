"""ETags, and writes that have to find what they were based on."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.preconditions import etag, expected_revision

# What looks like the present tag, "a12", or nearly so; there is no comma inside of them.
NEAR_TAGS = st.sampled_from(
    ['"a12"'] * 4
    + ['W/"a12"', '"a11"', '"s12"', '"A12"', '""', "a12", '"a12', 'a12"', "*", "W/", '"']
)
NEAR_HEADERS = st.one_of(
    st.lists(NEAR_TAGS, min_size=1, max_size=4).map(", ".join),
    st.lists(NEAR_TAGS, min_size=1, max_size=4).map(" ,\t".join),
    st.lists(NEAR_TAGS, min_size=1, max_size=2).map(" ".join),
    st.text(st.sampled_from('"aW/12, *'), max_size=12),
)


def is_tag(text: str) -> bool:
    """Whether this is one entity tag; those here have neither commas nor quotes inside."""
    bare = text.removeprefix("W/")
    return len(bare) >= 2 and bare[0] == bare[-1] == '"' and not set(bare[1:-1]) & set('" \t')


def outdated(*headers: str) -> bool:
    try:
        expected_revision(headers, "a", 12)
    except ClientError as error:
        return error.code == "precondition-failed"
    return False


class TestExpectedRevisions:
    @pytest.mark.parametrize(
        "headers",
        [
            ['"a12"'],
            ['"a11", "a12"'],
            ['"a11","a12"'],
            ['"a11"', '"a12"'],
            ['W/"a12", "a12"'],
            [', "a12",'],
            ['"x,y", "a12"'],
        ],
    )
    def test_the_present_one_may_be_one_of_several(self, headers):
        assert expected_revision(headers, "a", 12) == 12

    @pytest.mark.parametrize("headers", [[], ["*"]])
    def test_any_will_do_where_none_is_named(self, headers):
        assert expected_revision(headers, "a", 12) is None

    @pytest.mark.parametrize(
        "header",
        [
            '"a11"',
            '"s12"',
            '"a120"',
            '"A12"',
            'W/"a12"',
            'W/"a12", W/"a12"',
            "a12",
            "'a12'",
            '"a12',
            '" "a12""x"',
            '"a12" "a12"',
            '"a12", x',
            "",
            "**",
            '*, "a11"',
            '"x\\"a12"',
        ],
    )
    def test_another_one_is_outdated(self, header):
        assert outdated(header)

    def test_it_is_told_what_it_is_now(self):
        with pytest.raises(ClientError, match='but "a12"'):
            expected_revision(['"a3"'], "a", 12)

    @pytest.mark.untraced
    @given(st.lists(NEAR_HEADERS, max_size=3))
    @example(['"a12"'])
    @example(['"a11"', 'W/"a1", "a12"'])
    @example(['"a1', '2"'])
    def test_whatever_is_named_it_is_found_where_it_stands_alone(self, headers):
        """However the tags are put together, as it is told apart here without a pattern."""
        tags = [tag.strip(" \t") for tag in ",".join(headers).split(",")]
        named = [tag for tag in tags if tag]
        if not headers or headers == ["*"]:
            assert expected_revision(headers, "a", 12) is None
        elif '"a12"' in named and all(map(is_tag, named)):
            assert expected_revision(headers, "a", 12) == 12
        else:
            assert outdated(*headers)


class TestTags:
    def test_are_quoted(self):
        assert (etag("a", 3), etag("s", 0)) == ('"a3"', '"s0"')
