"""The references are complete, and what is generated is fresh."""

from __future__ import annotations

import json
import re

import pytest
from docs_pages import DOCS, ROOT, anchors, generator, name, written

from pytlas_wamp.chat.program import PASSWORD_VARIABLE
from pytlas_wamp.chat.texts import ENGLISH
from pytlas_wamp.config import SETTINGS, read_config
from pytlas_wamp.session.table import TABLE
from pytlas_wamp.tap import Options
from pytlas_wamp.wire.codes import Ending, ErrorCode

COMMANDS = list(generator().commands())
GENERATE = generator()


def page(path):
    return (DOCS / path).read_text(encoding="utf-8")


class TestGeneratedParts:
    @pytest.mark.parametrize("path", GENERATE.pages(), ids=name)
    def test_they_are_fresh(self, path):
        text = path.read_text(encoding="utf-8")

        assert GENERATE.fresh(text) == text, "run `python docs/generate.py`"

    def test_every_part_is_on_some_page(self):
        found = [
            each["name"]
            for path in GENERATE.pages()
            for each in GENERATE.PART.finditer(path.read_text("utf-8"))
        ]

        assert sorted(found) == sorted(GENERATE.PARTS)

    def test_a_stale_part_is_noticed_and_mended(self):
        stale = "before\n<!-- generated: limits -->\nold\n<!-- end of generated part -->\nafter\n"

        made = GENERATE.fresh(stale)

        assert "\nold\n" not in made
        assert "max_message_bytes" in made
        assert (made[:7], made[-6:]) == ("before\n", "after\n")

    def test_check_writes_nothing(self, tmp_path, monkeypatch, capsys):
        stale = "<!-- generated: limits -->\n<!-- end of generated part -->\n"
        (tmp_path / "page.md").write_text(stale)
        monkeypatch.setattr(GENERATE, "DOCS", tmp_path)
        monkeypatch.setattr(GENERATE, "ROOT", tmp_path)

        # The contract is looked for beside ROOT only when the module is imported.
        outcomes = [GENERATE.main(["--check"]), (tmp_path / "page.md").read_text() == stale]
        outcomes += [GENERATE.main([]), GENERATE.main(["--check"])]

        assert outcomes == [1, True, 0, 0]
        assert capsys.readouterr().out == "stale: page.md\nwritten: page.md\n"


class TestCommandLine:
    @pytest.mark.parametrize("context", COMMANDS, ids=lambda context: context.info_name)
    def test_every_command_has_its_section(self, context):
        assert GENERATE.anchor(context.info_name) in anchors(DOCS / "reference/cli.md")

    @pytest.mark.parametrize("context", COMMANDS, ids=lambda context: context.info_name)
    def test_every_option_stands_in_it(self, context):
        section = page("reference/cli.md").split(f"## `{context.info_name}`\n")[1].split("\n## ")[0]
        options = [
            name for param in context.command.params for name in param.opts if name[0] == "-"
        ]

        assert [option for option in options if option not in section] == []

    def test_every_command_and_option_explains_itself(self):
        silent = [
            (context.info_name, param.name)
            for context in COMMANDS
            for param in context.command.params
            if param.param_type_name == "option" and not param.help
        ]

        assert (silent, [c.info_name for c in COMMANDS if not c.command.help]) == ([], [])

    def test_the_variable_with_the_password_is_named(self):
        assert f"`{PASSWORD_VARIABLE}`" in written("reference/cli.md")

    def test_every_command_of_the_chat_is_named(self):
        commands = set(re.findall(r"(?<![\w/])/[a-z]+", ENGLISH["help"]))

        assert {
            each for each in commands if f"`{each}`" not in written("reference/cli.md")
        } == set()


class TestDaemon:
    @pytest.mark.parametrize("option", sorted({*Options().docs} - {"help", "version"}))
    def test_every_option_has_a_row(self, option):
        assert re.search(rf"^\| .*`--{option}` \|", page("reference/daemon.md"), re.MULTILINE)

    def test_every_endpoint_is_one(self):
        endpoints = re.findall(
            r"^\| `([a-z0-9]+:\S+)` \|", written("reference/daemon.md"), re.MULTILINE
        )

        config = read_config(config_file=None, options={"listen": endpoints}, environ={})

        assert (len(endpoints) > 5, config.listen) == (True, tuple(endpoints))

    def test_every_address_of_the_server_is_listed(self):
        spec = (ROOT / "spec" / "openapi.yaml").read_text(encoding="utf-8")
        addresses = re.findall(r"^  (/\S*):", spec, re.MULTILINE)

        listed = written("reference/daemon.md")

        assert [
            a for a in addresses if "{" not in a and f"`{a.rstrip('/') or '/'}" not in listed
        ] == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_every_key_is_in_the_configuration_reference(setting):
    section = page("reference/configuration.md").split(f"## `[{setting.section}]`\n")[1]

    assert f"| `{setting.key}` |" in section.split("\n## ")[0]


class TestProtocol:
    @pytest.mark.parametrize("code", [*ErrorCode], ids=str)
    def test_every_error_code_is_listed(self, code):
        assert f"| `{code.value}` | {'yes' if code.retryable else 'no'} |" in page(
            "reference/protocol.md"
        )

    @pytest.mark.parametrize("ending", [*Ending], ids=str)
    def test_every_close_is_listed(self, ending):
        assert f"| {ending.close_code} | `{ending.reason}` |" in page("reference/protocol.md")

    @pytest.mark.parametrize("kind", ["problems", "limits"])
    def test_problems_and_limits_are_listed(self, kind):
        file = "limits.json" if kind == "limits" else "errors.json"
        entries = json.loads((ROOT / "spec" / file).read_text(encoding="utf-8"))[kind]

        names = [entry.get("code") or entry["name"] for entry in entries]

        assert [each for each in names if f"`{each}`" not in page("reference/protocol.md")] == []

    def test_every_message_is_listed(self):
        types = [path.name.split(".")[0] for path in (ROOT / "spec/schema").glob("*.schema.json")]

        assert [t for t in types if f"[`{t}`](" not in page("reference/protocol.md")] == []


class TestPictures:
    def test_every_state_and_what_it_leads_to_is_drawn(self):
        [drawn] = GENERATE.states()
        arrows = set(re.findall(r"^    (\w+) --> (\w+): ", drawn, re.MULTILINE))

        assert arrows == {
            (GENERATE.mermaid(state.value), GENERATE.mermaid(target.value))
            for state, row in TABLE.items()
            for cell in row.values()
            for target in cell.leads_to
            if state.value != "closed"
        }

    def test_every_module_at_the_top_is_in_a_layer(self):
        [drawn] = GENERATE.layers()
        package = ROOT / "src" / "pytlas_wamp"
        modules = {path.stem for path in package.glob("*.py")} | {
            path.parent.name for path in package.glob("*/__init__.py")
        }

        # `testing` is for authors of skills: it stands beside the layers, and none knows it.
        beside = {"__init__", "testing"}
        assert modules - set(re.findall(r"^        (\w+)$", drawn, re.MULTILINE)) == beside

    def test_the_table_of_modules_names_those_of_the_layers(self):
        [drawn] = GENERATE.layers()
        modules = re.findall(r"^        (\w+)$", drawn, re.MULTILINE)

        assert [m for m in modules if f"`{m}`" not in written("explanation/architecture.md")] == []
