"""How much work a text is to Markdown: enough for what people write, not for what they do not."""

from __future__ import annotations

import pytest

from pytlas_wamp.assistant.markup_work import MOST_WORK, is_too_much, work_of

HONEST = {
    "an emphasised sentence": "It will be **sunny** in *Paris*, ***all*** day; `21` degrees.",
    "a list": "".join(f"- **item {n}**: about [it](https://x.example/{n})\n" for n in range(25)),
    "a long list": "".join(f"{n}. buy some of the _milk_\n" for n in range(120)),
    "paragraphs": "A paragraph of **some** words, and [a link](https://x.example).\n\n" * 60,
    "code": "Run `this`, then:\n\n    python -m this\n    python -m that\n\n" * 20,
    "quotes": "> He said so,\n> twice.\n> > And she.\n\n" * 30,
    "HTML": "<p>Some <b>bold</b> words &amp; more.</p>\n\n" * 20,
    "definitions": "See [a][1].\n\n[1]: https://x.example 'A title'\n" * 10,
    "tasks": "- [ ] do it\n- [x] done\n" * 15,
}


class TestWhatPeopleWrite:
    @pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
    def test_it_is_not_too_much(self, text):
        assert not is_too_much(text)


class TestWhatGrows:
    # So many times a unit are too much, and were measured to take less than the bound just before.
    @pytest.mark.parametrize(
        ("unit", "most"),
        [
            ("`", 200),
            ("[", 500),
            ("![", 500),
            ("[a](", 300),
            ("> ", 500),
            ("1. ", 500),
            ("- a\n", 3_000),
            ("***a*b", 300),
            ("_a ", 3_000),
            ("**a** ", 2_000),
            ("<b>", 3_000),
            ("&a;", 3_000),
            ("\\*", 2_000),
            ("# a\n", 3_000),
            ("a\n\n*b*", 5_000),
            ("    - a\n", 3_000),
            ("a  \n", 3_000),
        ],
    )
    def test_the_more_the_worse_until_it_is_too_much(self, unit, most):
        assert work_of(unit) < work_of(unit * 20) < work_of(unit * 40)
        assert work_of(unit) < MOST_WORK / 100
        assert is_too_much(unit * most)

    def test_spaces_in_a_definition_count_most(self):
        assert not is_too_much("[a]: x 'title'")
        assert is_too_much("[a]:" + " " * 400 + "x y z")
        assert not is_too_much("[a] " + " " * 400 + "x y z")
        assert is_too_much("[a]:\xa0" + "\xa0" * 400 + "x y z")

    def test_a_definition_lets_every_bracket_be_a_link(self):
        brackets = "[x] " * 200
        assert work_of("[x]: y\n\n" + brackets) > 5 * work_of("[x] y\n\n" + brackets)

    def test_brackets_without_an_end_are_tried_again_after_each_link(self):
        links, ends = "[a](b) " * 20, "[" * 20
        apart = work_of(links + "\n\n" + ends)
        assert work_of(ends + links) > 5 * apart

    def test_brackets_with_an_end_are_near(self):
        assert work_of("[a] " * 50) < work_of("[a  " * 50)

    def test_backticks_without_an_end_are_tried_again_too(self):
        assert work_of("``` " + "`a` " * 90) > 5 * work_of("`a` " * 90)

    def test_three_in_a_row_look_twice(self):
        assert work_of("***" + "a*" * 300) > 1.2 * work_of("* **" + "a*" * 300)

    def test_comments_without_an_end_are_tried_again_too(self):
        assert work_of("<!--" * 60 + "<b>" * 60) > 1.5 * work_of("<a  " * 60 + "<b>" * 60)

    def test_backslashes_are_tried_again_too(self):
        assert work_of("\\a\\*" * 500) > 1.5 * work_of("_a_*" * 500)

    def test_depth_counts_by_line(self):
        deep = "> " * 100
        assert work_of(deep + "a") > 3 * work_of("> a\n" * 100)
        assert work_of(" " * 400 + "- a") > 5 * work_of("- a")

    def test_addresses_in_addresses_are_the_worst(self):
        assert not is_too_much("<a@b.c>, <a@b.c>, <a@b.c>, <a@b.c>, <a@b.c>, <a@b.c>, <a@b.c>")
        assert not is_too_much("[w](w.b), `e`, " + "<a@b.c> " * 20 + "> 5 <b>and</b>")
        assert not is_too_much("<a@<a@b>>")
        assert is_too_much("<a@" * 10 + ">" * 10)
        assert is_too_much("<" * 10 + "@>" * 10)

    @pytest.mark.parametrize("taken_out_first", ["`a b<`", "[a b<](c)", "\\<", "<ftp://a b>"])
    def test_also_with_something_between_their_ends(self, taken_out_first):
        assert is_too_much("<a@" * 10 + (taken_out_first + ">") * 10)

    def test_no_end_is_no_address(self):
        assert not is_too_much("<a@" * 10)

    def test_paragraphs_do_not_reach_each_other(self):
        assert work_of("_a b\n\n" * 300) < work_of("_a b\n  " * 300) / 2


class TestWhatMarkdownDoesFirst:
    def test_it_takes_out_what_delimits_its_placeholders(self):
        assert work_of("`\x02`\x03`" * 20) == work_of("`" * 60)

    @pytest.mark.parametrize("end", ["\r", "\r\n"])
    def test_it_knows_the_ends_of_lines_elsewhere(self, end):
        assert work_of(f"- a{end}- b{end}{end}*c*") == work_of("- a\n- b\n\n*c*")

    def test_it_expands_tabs(self):
        assert work_of("\t\t- a") == work_of("        - a")
