"""Transcripts fit their schema, and every frame in them the schema of its message."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from spec_files import SPEC, headings, quoted, read_json

from pytlas_wamp.errors import ClientError
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.codec import decode_client
from pytlas_wamp.wire.codes import Ending, ErrorCode
from wire_schemas import VALIDATORS, client_type, server_type

FOLDER = SPEC / "transcripts"
FORM = json.loads((FOLDER / "transcript.schema.json").read_text(encoding="utf-8"))
FILES = sorted(set(FOLDER.glob("*.json")) - {FOLDER / "transcript.schema.json"})
TRANSCRIPTS = {path.stem: read_json(f"transcripts/{path.name}") for path in FILES}
README = (FOLDER / "README.md").read_text(encoding="utf-8")
LIMITS = {limit["name"] for limit in read_json("limits.json")["limits"]}
SENT = r"(access|fresh|short|refresh|expired|forged|unsigned):([a-z]+)|nobody|garbage|text:[0-9]+"
PLACEHOLDER = re.compile(r"\{\{([^}]*)\}\}")
ABSENT = object()
SENTENCES = {
    "echo": "echo",
    "cards": "cards",
    "lights": "lights",
    "enter": "context",
    "boom": "boom",
    "slow": "slow",
    "later": "later",
    "silent": "silent",
    "pair": "pair",
    "badmeta": "badmeta",
}
POWERS = {
    "advance_seconds": "clock",
    "release": "release",
    "disable_user": "administration",
    "revoke_token": "administration",
    "change_language": "administration",
    "stop_server": "stop",
    "kill_server": "restart",
    "start_server": "restart",
    "stop_reading": "slow-reading",
    "read_on": "slow-reading",
}

every_transcript = pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)


def filled(value: Any) -> Any:
    """A frame with a sample in the place of every placeholder."""
    if isinstance(value, dict):
        items = {key: filled(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not ABSENT}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return sample(value) if isinstance(value, str) else value


def sample(text: str) -> Any:
    if text == "{{absent}}":
        return ABSENT
    if text == "{{any-number}}" or re.fullmatch(r"\{\{seq(:[a-z]+)?\}\}", text):
        return 7
    if nested := re.fullmatch(r"\{\{nested:([0-9]+)\}\}", text):
        return json.loads("[" * int(nested[1]) + "]" * int(nested[1]))
    return PLACEHOLDER.sub(lambda found: sample_text(found[1]), text)


def sample_text(name: str) -> str:
    assert re.fullmatch(f"{SENT}|any-string", name), name
    return "x" * int(name.removeprefix("text:")) if name.startswith("text:") else "sample"


def texts(value: Any) -> list[str]:
    """All strings inside of a value."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for item in inner for text in texts(item)]
    return [value] if isinstance(value, str) else []


def refusal(text: str) -> str | None:
    """The code with which the codec refuses a frame of a client, if it does."""
    try:
        decode_client(text, max_depth=Limits().max_depth)
    except ClientError as error:
        return error.code
    return None


def outcome(steps: list[dict[str, Any]], index: int) -> dict[str, Any]:
    """The next thing that the device of a step sees."""
    device = steps[index]["device"]
    seen = ("expect", "expect_close", "expect_nothing")
    return next(s for s in steps[index:] if s.get("device") == device and set(seen) & set(s))


class TestForm:
    def test_the_schema_is_json_schema_2020_12(self):
        Draft202012Validator.check_schema(FORM)

    @every_transcript
    def test_every_transcript_fits_it(self, transcript):
        errors = Draft202012Validator(FORM).iter_errors(transcript)
        assert [f"{list(e.absolute_path)}: {e.message}" for e in errors] == []

    @pytest.mark.parametrize(
        "step",
        [
            {"device": "a"},
            {"device": "a", "connect": True, "disconnect": True},
            {"connect": True},
            {"device": "a", "advance_seconds": 1},
            {"device": "a", "kill_server": True},
            {"stop_reading": True},
            {"advance_seconds": 1, "release": "slow"},
            {"device": "a", "send_raw": "x", "times": 2},
            {"device": "a", "shout": "x"},
            {"note": "nothing happens"},
        ],
    )
    def test_a_step_has_one_verb_and_the_device_it_needs(self, step):
        form = {"$ref": "#/$defs/step", "$defs": FORM["$defs"]}
        assert not Draft202012Validator(form).is_valid(step)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_the_id_is_the_name_of_the_file(self, path: Path):
        assert TRANSCRIPTS[path.stem]["id"] == path.stem

    def test_every_need_and_every_verb_is_explained(self):
        needs = FORM["properties"]["needs"]["items"]["enum"]
        verbs = FORM["$defs"]["step"]["properties"]
        explained = {word for span in quoted(README) for word in re.findall(r"[a-z_0-9-]+", span)}
        assert {*needs, *verbs, *FORM["properties"]} - explained == set()


class TestContent:
    @every_transcript
    def test_the_sections_exist(self, transcript):
        assert set(transcript["sections"]) <= {number for number, _ in headings()}

    @every_transcript
    def test_devices_and_users_are_those_that_are_listed(self, transcript):
        used = {step["device"] for step in transcript["steps"] if "device" in step}
        names = {device["user"] for device in transcript["devices"].values()}
        in_tokens = {m[1] for text in texts(transcript) for m in re.findall(SENT, text) if m[1]}
        assert used == set(transcript["devices"])
        assert names | in_tokens <= set(transcript["users"])

    @every_transcript
    def test_limits_are_published_ones(self, transcript):
        assert set(transcript.get("limits", {})) <= LIMITS
        assert ("limits" in transcript["needs"]) == ("limits" in transcript)

    @every_transcript
    def test_needs_are_what_the_steps_need(self, transcript):
        steps = transcript["steps"]
        powers = {POWERS[verb] for step in steps for verb in step if verb in POWERS}
        assert powers == set(transcript["needs"]) & set(POWERS.values())

    @every_transcript
    def test_needs_are_the_skills_that_are_spoken_to(self, transcript):
        said = [str(step["send"].get("message")) for step in transcript["steps"] if "send" in step]
        spoken_to = {
            SENTENCES[word] for text in said for word in text.split()[:1] if word in SENTENCES
        }
        assert spoken_to - set(transcript["needs"]) == set()

    @every_transcript
    def test_a_number_has_its_name_before_it_is_sent(self, transcript):
        named: set[str] = set()
        for step in transcript["steps"]:
            names = {m for text in texts(step) for m in re.findall(r"\{\{seq:([a-z]+)\}\}", text)}
            if "send" in step:
                assert names <= named
            named |= names

    @every_transcript
    def test_bytes_are_base64_and_those_that_are_not_utf8_are_not(self, transcript):
        for step in transcript["steps"]:
            base64.b64decode(step.get("send_binary", ""), validate=True)
            if "send_not_utf8" in step:
                with pytest.raises(UnicodeDecodeError):
                    base64.b64decode(step["send_not_utf8"], validate=True).decode()

    def test_every_message_is_shown(self):
        steps = [step for t in TRANSCRIPTS.values() for step in t["steps"]]
        frames = [step.get("send", step.get("expect", {})) for step in steps]
        shown = {frame.get("type") for frame in frames if isinstance(frame.get("type"), str)}
        assert set(VALIDATORS) - shown == set()


class TestFrames:
    @every_transcript
    def test_what_is_expected_are_whole_valid_frames(self, transcript):
        frames = [filled(step["expect"]) for step in transcript["steps"] if "expect" in step]
        assert [frame for frame in frames if server_type(frame) is None] == []

    @every_transcript
    def test_what_is_expected_is_sent_by_the_codec_with_the_registry_s_codes(self, transcript):
        frames = [step["expect"] for step in transcript["steps"] if "expect" in step]
        told = {(f["code"], f["retryable"]) for f in frames if f["type"] == "error"}
        assert told <= {(code.value, code.retryable) for code in ErrorCode}

    @every_transcript
    def test_closes_are_published_ones(self, transcript):
        closes = [step["expect_close"] for step in transcript["steps"] if "expect_close" in step]
        published = {(ending.close_code, ending.reason) for ending in Ending}
        assert {(close["code"], close["reason"]) for close in closes} <= published

    @every_transcript
    def test_what_is_sent_is_valid_or_refused_by_the_next_frame(self, transcript):
        steps = transcript["steps"]
        for index, step in enumerate(steps):
            if "send" in step and client_type(filled(step["send"])) is None:
                assert_refused(json.dumps(filled(step["send"])), outcome(steps, index))

    @every_transcript
    def test_raw_text_is_refused_by_the_frames_that_follow(self, transcript):
        steps = transcript["steps"]
        for index, step in enumerate(steps):
            if "send_raw" in step:
                assert_refused(step["send_raw"], after_ready(steps, index))


def after_ready(steps: list[dict[str, Any]], index: int) -> dict[str, Any]:
    """The outcome of a step; when that is `ready`, the one after it (spec 3.3)."""
    first = outcome(steps, index)
    if first.get("expect", {}).get("type") != "ready":
        return first
    return outcome(steps, steps.index(first, index) + 1)


def assert_refused(text: str, seen: dict[str, Any]) -> None:
    """The text is no frame of a client, and what the device sees says so, or was too fast."""
    code = refusal(text)
    assert code is not None
    assert "expect_close" in seen or seen["expect"]["code"] in {code, "rate-limited"}
