"""Writes those parts of the documentation that follow from the code and the contract.

`python docs/generate.py` brings them up to date, with `--check` it only tells whether
they are. A generated part stands between two comments in its page:

    <!-- generated: NAME -->
    <!-- end of generated part -->

`PARTS` says what each NAME is made of.
"""

# ruff: noqa: INP001, T201 - a script beside the pages it writes

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from configparser import ConfigParser
from itertools import groupby
from pathlib import Path
from typing import Any

import attrs
import click
import yaml

from pytlas_wamp.cli import main as pytlas_wamp
from pytlas_wamp.limits import Limits
from pytlas_wamp.session.table import describe
from pytlas_wamp.tap import Options
from pytlas_wamp.wire.codes import Ending, ErrorCode

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SPEC = ROOT / "spec"

PART = re.compile(
    r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of generated part -->)", re.DOTALL
)


# The command line


def commands(group: click.Group = pytlas_wamp, name: str = "pytlas-wamp") -> Iterator[Any]:
    """The context of every command, those that only group others included."""
    context = click.Context(group, info_name=name)
    yield context
    for each in sorted(group.commands.values(), key=lambda command: command.name):
        if isinstance(each, click.Group):
            yield from commands(each, f"{name} {each.name}")
        else:
            yield click.Context(each, info_name=f"{name} {each.name}")


def cli() -> Iterator[str]:
    """A section for every command."""
    for context in commands():
        command = context.command
        usage = " ".join([context.info_name, *command.collect_usage_pieces(context)])
        yield f"## `{context.info_name}`"
        yield command.help.strip()
        yield f"```text\n{usage}\n```"
        records = [param.get_help_record(context) for param in command.params]
        shown = [(f"`{names}`", meaning) for names, meaning in filter(None, records)]
        if shown:
            yield table(("option", "meaning"), shown)
        if isinstance(command, click.Group):
            links = (f"{context.info_name} {name}" for name in sorted(command.commands))
            yield "Commands: " + ", ".join(f"[`{each}`](#{anchor(each)})" for each in links) + "."


def daemon() -> Iterator[str]:
    """The options of `twistd pytlas`."""
    options = Options()
    rows = []
    for name in sorted(options.docs):
        if name not in {"help", "version"}:
            short = [key for key, long in options.synonyms.items() if long == name and key != name]
            names = [f"`-{key}`" for key in short if len(key) == 1]
            meaning, _, default = " ".join(options.docs[name].split()).partition(" [default: ")
            rows.append((", ".join([*names, f"`--{name}`"]), meaning, default.removesuffix("]")))
    yield table(("option", "meaning", "default"), rows)


# The protocol


def messages() -> Iterator[str]:
    """Who sends which message, and where it is explained."""
    rows = []
    for path in SPEC.glob("schema/*.schema.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        required = set(schema["required"])
        keys = [key for key in schema["properties"] if key != "type"]
        rows.append(
            (
                [int(number) for number in schema["x-section"].split(".")],
                f"[`{schema['title']}`](../../spec/schema/{path.name})",
                schema["x-sender"],
                ", ".join(f"`{key}`" if key in required else f"`{key}`?" for key in keys),
                schema["description"],
            )
        )
    shown = [(".".join(map(str, section)), *others) for section, *others in sorted(rows)]
    yield table(("section", "type", "sender", "keys", "meaning"), shown)


def errors() -> Iterator[str]:
    """The codes of `error` frames."""
    when = {entry["code"]: entry["when"] for entry in spec("errors.json")["errors"]}
    rows = [(f"`{c.value}`", "yes" if c.retryable else "no", when[c.value]) for c in ErrorCode]
    yield table(("code", "retryable", "when"), rows)


def closes() -> Iterator[str]:
    """Why the server closes a connection."""
    told = {(each["code"], each["reason"]): each for each in spec("errors.json")["closes"]}
    rows = []
    for ending in Ending:
        entry = told[ending.close_code, ending.reason]
        rows.append((str(ending.close_code), f"`{ending.reason}`", entry["phase"], entry["when"]))
    yield table(("code", "reason", "phase", "when"), rows)


def problems() -> Iterator[str]:
    """The problems that HTTP answers carry."""
    rows = [
        (str(entry["status"]), f"`{entry['code']}`", entry["when"])
        for entry in spec("errors.json")["problems"]
    ]
    yield table(("status", "code", "when"), rows)


def limits() -> Iterator[str]:
    """The limits, and what happens beyond them."""
    told = {entry["name"]: entry for entry in spec("limits.json")["limits"]}
    rows = []
    for attribute in attrs.fields(Limits):
        entry = told[attribute.name]
        is_fraction = isinstance(attribute.default, float)
        value = f"{attribute.default:g}" if is_fraction else str(attribute.default)
        rows.append((f"`{attribute.name}`", value, entry["unit"], entry["when_exceeded"]))
    yield table(("limit", "default", "unit", "beyond it"), rows)


def spec(name: str) -> Any:
    """A data file of the contract."""
    return json.loads((SPEC / name).read_text(encoding="utf-8"))


# The HTTP API

# As safe as the one that is not in C, and much quicker.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
OPENAPI = yaml.load((SPEC / "openapi.yaml").read_text(encoding="utf-8"), _LOADER)  # noqa: S506
WHO = {
    "anyone": "Anyone.",
    "person": "Whoever is signed in.",
    "administrator": "Administrators.",
}


# What the page says once for all addresses below /api/.
COMMON = {"405", "413", "415", "500", "503"}


def http_api() -> Iterator[str]:
    """A section for every operation, under the title of its section in the protocol."""
    found = [
        (each["x-section"], f"{method.upper()} {path}", each)
        for path, item in OPENAPI["paths"].items()
        for method, each in item.items()
    ]
    titles = dict(re.findall(r"^### (\d+\.\d+) (.+)$", protocol(), re.MULTILINE))
    found.sort(key=lambda each: [int(number) for number in each[0].split(".")])
    for section, group in groupby(found, key=lambda each: each[0]):
        link = f"../../spec/protocol.md#{anchor(f'{section} {titles[section]}')}"
        yield f"## {titles[section]}"
        yield f"Protocol: [{section}]({link})."
        for _, name, each in group:
            yield f"### `{name}`"
            yield from http_operation(each, COMMON if " /api/" in name else set())


def http_operation(each: Mapping[str, Any], untold: set[str]) -> Iterator[str]:
    """What an operation takes and answers, but for those statuses."""
    more = [each["description"]] if "description" in each else []
    yield " ".join([each["summary"], *more, f"*For:* {WHO[each['x-who']]}"])
    parameters = [resolved(parameter) for parameter in each.get("parameters", [])]
    if parameters:
        rows = (
            (f"`{one['name']}`", one["in"], kind_of(one["schema"]), one["description"])
            for one in parameters
        )
        yield table(("parameter", "in", "type", "meaning"), rows)
    if "requestBody" in each:
        content = resolved(each["requestBody"])["content"]
        forms = " or a form" if len(content) > 1 else ""
        yield f"Body, JSON{forms}:"
        yield fields_table(resolved(content["application/json"]["schema"]))
    answers = (
        (status, *http_answer(answer))
        for status, answer in each["responses"].items()
        if status not in untold
    )
    yield table(("status", "body", "meaning"), answers)


def http_answer(answer: Mapping[str, Any]) -> tuple[str, str]:
    """What an answer carries, and what it means."""
    answer = resolved(answer)
    shown = []
    for kind, media in answer.get("content", {}).items():
        if kind == "application/problem+json":
            shown += [f"`{code}`" for code in media["examples"]]
        elif "$ref" in media["schema"]:
            shown.append(shape_link(media["schema"]["$ref"]))
        else:
            shown.append(f"`{kind}`")
    told = {"ETag", "Location", "Retry-After"} & {*answer.get("headers", {})}
    shown += [f"header `{header}`" for header in sorted(told)]
    return ", ".join(shown), answer["description"]


def http_shapes() -> Iterator[str]:
    """What bodies of answers hold."""
    sent = {
        reference
        for path in OPENAPI["paths"].values()
        for each in path.values()
        for answer in each["responses"].values()
        for reference in shapes_in(resolved(answer).get("content", {}))
    }
    for name in sorted(sent):
        schema = OPENAPI["components"]["schemas"][name]
        if is_shape(schema):
            yield f"### {name}"
            if "description" in schema:
                yield schema["description"]
            yield fields_table(schema)


def shapes_in(document: Any) -> Iterator[str]:
    """The names of all components that a part of openapi.yaml refers to."""
    if isinstance(document, dict):
        if "$ref" in document:
            yield document["$ref"].rsplit("/", 1)[1]
            yield from shapes_in(resolved(document))
        for value in document.values():
            yield from shapes_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from shapes_in(value)


def fields_table(schema: Mapping[str, Any]) -> str:
    """The fields of an object; those that may be left out with a question mark."""
    rows = []
    for part in [resolved(each) for each in schema.get("allOf", [schema])]:
        required = part.get("required", [])
        for name, field in part["properties"].items():
            optional = "" if name in required else "?"
            told = field.get("description") or resolved(field).get("description", "")
            rows.append((f"`{name}`{optional}", kind_of(field), told))
    return table(("field", "type", "meaning"), rows)


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type of a value in words."""
    if "$ref" in schema:
        return shape_link(schema["$ref"]) if is_shape(schema) else kind_of(resolved(schema))
    if "anyOf" in schema:
        return " or ".join(kind_of(each) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"array of {kind_of(schema['items'])}"
    return type_of(schema)


def type_of(schema: Mapping[str, Any]) -> str:
    """The type of a value that is neither a choice nor an array, in words."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = "time" if schema.get("format") == "date-time" else " or ".join(kinds)
    if "properties" in schema:
        kind += " with " + ", ".join(f"`{name}`" for name in schema["properties"])
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    return kind if high is None else f"{kind}, {low} to {high} characters"


def is_shape(value: Mapping[str, Any]) -> bool:
    """Whether a component is an object with a description of its own."""
    return not {"properties", "allOf"}.isdisjoint(resolved(value))


def shape_link(reference: str) -> str:
    """A link to where a component is described."""
    name = reference.rsplit("/", 1)[1]
    return f"[{name}](#{anchor(name)})"


def resolved(value: Mapping[str, Any]) -> Any:
    """What stands behind a reference in openapi.yaml, or the value itself."""
    if "$ref" not in value:
        return value
    kind, name = value["$ref"].removeprefix("#/components/").split("/")
    return OPENAPI["components"][kind][name]


def protocol() -> str:
    """The prose of the contract."""
    return (SPEC / "protocol.md").read_text(encoding="utf-8")


# The pictures


def states() -> Iterator[str]:
    """The session's states, drawn from its table."""
    lines = ["stateDiagram-v2", "    [*] --> unauthenticated"]
    for state, row in describe().items():
        if state == "closed":
            continue
        leading = sorted(
            (target, name) for name, cell in row.items() for target in cell["leads_to"]
        )
        for target, pairs in groupby(leading, key=lambda pair: pair[0]):
            names = [name for _, name in pairs]
            lines.append(f"    {mermaid(state)} --> {mermaid(target)}: {folded(names)}")
    lines.append("    closed --> [*]")
    yield "```mermaid\n" + "\n".join(lines) + "\n```"


def mermaid(state: str) -> str:
    """A state's name as Mermaid takes it."""
    return state.replace("-", "_")


def folded(names: Iterable[str], per_line: int = 3) -> str:
    """Names with line breaks, so that arrows stay apart."""
    names = list(names)
    rows = [names[start : start + per_line] for start in range(0, len(names), per_line)]
    return "<br>".join(", ".join(row) for row in rows)


def layers() -> Iterator[str]:
    """The layers, drawn from the rules that import-linter enforces."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    rows = parser["importlinter:contract:layers"]["layers"].split("\n")
    levels = [re.split(r"\s*[|:]\s*", row.strip()) for row in rows if row.strip()]
    lines = ["flowchart TB"]
    for number, level in enumerate(levels):
        lines.append(f'    subgraph layer{number}[" "]')
        lines.append("        direction LR")
        lines += [f"        {name}" for name in level]
        lines.append("    end")
    lines += [f"    layer{number} --> layer{number + 1}" for number in range(len(levels) - 1)]
    yield "```mermaid\n" + "\n".join(lines) + "\n```"


# Putting it into the pages


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def anchor(heading: str) -> str:
    """The anchor that a site gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "cli": cli,
    "daemon": daemon,
    "messages": messages,
    "errors": errors,
    "closes": closes,
    "problems": problems,
    "limits": limits,
    "http-api": http_api,
    "http-shapes": http_shapes,
    "states": states,
    "layers": layers,
}


def pages() -> list[Path]:
    """The pages that have generated parts."""
    return [page for page in sorted(DOCS.rglob("*.md")) if PART.search(page.read_text("utf-8"))]


def fresh(text: str) -> str:
    """A page's text with its generated parts made anew."""

    def make(found: re.Match[str]) -> str:
        content = "\n\n".join(PARTS[found["name"]]())
        return f"{found[1]}\n{content}\n\n{found[3]}"

    return PART.sub(make, text)


def main(arguments: list[str]) -> int:
    """Write the generated parts, or with `--check` say which are stale."""
    stale = []
    for page in pages():
        text = page.read_text("utf-8")
        made = fresh(text)
        if made != text:
            stale.append(page.relative_to(ROOT))
            if "--check" not in arguments:
                page.write_text(made, encoding="utf-8")
    for path in stale:
        print(f"{'stale' if '--check' in arguments else 'written'}: {path}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
