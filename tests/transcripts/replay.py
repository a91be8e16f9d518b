"""Replays a transcript of spec/transcripts/ against a wire, as their README says."""

from __future__ import annotations

import base64
import re
from typing import Any

from attrs import Factory, define, field

from wire_devices import Device
from wire_pair import Wire

_PLACEHOLDER = re.compile(r"\{\{([a-z-]+)(?::([A-Za-z0-9-]+))?\}\}")
_ABSENT = "{{absent}}"


@define(eq=False)
class Replay:
    """One transcript on its way.

    Args:
      wire: the server and its clients.
      transcript: the document.
    """

    wire: Wire
    transcript: dict[str, Any]
    _devices: dict[str, Device] = Factory(dict)
    _user_ids: dict[str, int] = Factory(dict)
    _tokens: dict[str, str] = Factory(dict)
    _numbers: dict[str, int] = Factory(dict)
    _last_seq: dict[str, int] = Factory(dict)
    _place: str = field(init=False, default="")

    def run(self) -> None:
        """Take all steps; fails at the first that is not as written."""
        for name, user in self.transcript["users"].items():
            self._user_ids[name] = self.wire.add_user(name, user["language"])
            if user.get("disabled"):
                self.wire.accounts.disable(name)
        self.wire.look()
        steps = self.transcript["steps"]
        for number, (step, following) in enumerate(zip(steps, [*steps[1:], {}], strict=True)):
            self._place = f"step {number}: {step}"
            held = self._holds(step, following)
            self._take(step, settle=not held)
        self._place = "at the end"
        for device in self._devices.values():
            self._nothing_left(device)
            assert device.closed is None, f"{self._place}: {device.closed}"

    def _holds(self, step: dict[str, Any], following: dict[str, Any]) -> bool:
        """A device's sends in a row are sent without waiting for the check of its token."""
        sends = any(key.startswith("send") for key in step)
        more = any(key.startswith("send") for key in following)
        same = step.get("device") == following.get("device")
        return sends and more and same

    def _take(self, step: dict[str, Any], *, settle: bool) -> None:
        names = [key for key in step if key not in {"device", "note", "times"}]
        (verb,) = names
        if "device" in step and verb != "connect":
            getattr(self, f"_{verb}")(step, self._devices[step["device"]])
        else:
            getattr(self, f"_{verb}")(step)
        if settle:
            self.wire.checks.held = False
            self.wire.settle()
        else:
            self.wire.checks.held = True

    # Steps of a device

    def _connect(self, step: dict[str, Any]) -> None:
        self._devices[step["device"]] = self.wire.dial()
        self._last_seq[step["device"]] = -1

    def _send(self, step: dict[str, Any], device: Device) -> None:
        document = self._filled(step["send"])
        device.send(*[document] * step.get("times", 1), settle=False)

    def _send_raw(self, step: dict[str, Any], device: Device) -> None:
        device.send_raw(self._filled(step["send_raw"]).encode(), settle=False)

    def _send_binary(self, step: dict[str, Any], device: Device) -> None:
        device.send_raw(base64.b64decode(step["send_binary"]), binary=True, settle=False)

    def _send_not_utf8(self, step: dict[str, Any], device: Device) -> None:
        device.send_raw(base64.b64decode(step["send_not_utf8"]), settle=False)

    def _expect(self, step: dict[str, Any], device: Device) -> None:
        assert device.seen, f"{self._place}: nothing came; closed: {device.closed}"
        frame = device.seen.pop(0)
        name = next(name for name, one in self._devices.items() if one is device)
        fault = self._mismatch(step["expect"], frame, name)
        assert fault is None, f"{self._place}:\n  {fault}\n  in {frame}"
        if frame["type"] == "ready":
            self._last_seq[name] = -1

    def _expect_nothing(self, _: dict[str, Any], device: Device) -> None:
        self._nothing_left(device)

    def _expect_close(self, step: dict[str, Any], device: Device) -> None:
        self._nothing_left(device)
        wanted = step["expect_close"]
        assert device.closed == (wanted["code"], wanted["reason"]), self._place
        del self._devices[step["device"]]

    def _close(self, step: dict[str, Any], device: Device) -> None:
        self._nothing_left(device)
        device.close(step["close"]["code"], step["close"]["reason"])
        del self._devices[step["device"]]

    def _disconnect(self, step: dict[str, Any], device: Device) -> None:
        device.vanish()
        del self._devices[step["device"]]

    def _stop_reading(self, _: dict[str, Any], device: Device) -> None:
        device.reading = False

    def _read_on(self, _: dict[str, Any], device: Device) -> None:
        device.reading = True

    def _nothing_left(self, device: Device) -> None:
        assert device.seen == [], f"{self._place}: {device.seen}"

    # Steps of the world

    def _advance_seconds(self, step: dict[str, Any]) -> None:
        self.wire.advance(step["advance_seconds"])

    def _release(self, step: dict[str, Any]) -> None:
        self.wire.release(step["release"])

    def _stop_server(self, _: dict[str, Any]) -> None:
        self.wire.stop()

    def _kill_server(self, _: dict[str, Any]) -> None:
        for device in self._devices.values():
            self._nothing_left(device)
        self._devices.clear()
        self.wire.kill()

    def _start_server(self, _: dict[str, Any]) -> None:
        self.wire.start()

    def _disable_user(self, step: dict[str, Any]) -> None:
        self.wire.accounts.disable(step["disable_user"])
        self.wire.look()

    def _revoke_token(self, step: dict[str, Any]) -> None:
        self.wire.accounts.revoke(self._filled(step["revoke_token"]))
        self.wire.look()

    def _change_language(self, step: dict[str, Any]) -> None:
        change = step["change_language"]
        self.wire.accounts.set_language(change["user"], change["language"])
        self.wire.look()

    # Placeholders

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        if whole is not None:
            return self._value(*whole.groups())
        return _PLACEHOLDER.sub(lambda match: str(self._value(*match.groups())), value)

    def _value(self, kind: str, argument: str | None) -> Any:
        match kind, argument:
            case "text", str(count):
                return "x" * int(count)
            case "nested", str(count):
                nested: list[Any] = []
                for _ in range(int(count) - 1):
                    nested = [nested]
                return nested
            case "seq", str(name):
                return self._numbers[name]
            case _:
                return self._token(kind, argument)

    def _token(self, kind: str, user: str | None) -> str:
        key = f"{kind}:{user}"
        if key not in self._tokens:
            self._tokens[key] = self._new_token(kind, self._user_ids.get(user or "", 0))
        return self._tokens[key]

    def _new_token(self, kind: str, user_id: int) -> str:
        wire = self.wire
        made = {
            "access": lambda: wire.token(user_id),
            "fresh": lambda: wire.token(user_id),
            "short": lambda: wire.jwt(user_id, exp=int(wire.now()) + 30, jti="5" * 32),
            "refresh": lambda: wire.tokens.issue(user_id).refresh,
            "expired": lambda: wire.jwt(user_id, exp=int(wire.now()) - 1),
            "forged": lambda: wire.jwt(user_id, key="another secret, as long as ours."),
            "unsigned": lambda: wire.jwt(user_id, algorithm="none"),
            "nobody": lambda: wire.jwt(999_999),
            "garbage": lambda: "no token at all",
        }
        return made[kind]()

    # Matching

    def _mismatch(self, wanted: Any, found: Any, device: str) -> str | None:
        """What is not as wanted; None when all is."""
        if isinstance(wanted, dict) and isinstance(found, dict):
            pairs = [(key, value, found.get(key, _ABSENT)) for key, value in wanted.items()]
        elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
            pairs = [(index, *pair) for index, pair in enumerate(zip(wanted, found, strict=True))]
        else:
            same = self._matches(wanted, found, device)
            return None if same else f"{wanted!r} wanted, not {found!r}"
        for key, want, have in pairs:
            fault = self._mismatch(want, have, device)
            if fault is not None:
                return f"{key}: {fault}"
        return None

    def _matches(self, wanted: Any, found: Any, device: str) -> bool:
        whole = _PLACEHOLDER.fullmatch(wanted) if isinstance(wanted, str) else None
        match whole.groups() if whole else None:
            case "any-string", None:
                return isinstance(found, str) and found != _ABSENT
            case "any-number", None:
                return isinstance(found, int | float) and not isinstance(found, bool)
            case "absent", None:
                return bool(found == _ABSENT)
            case "seq", name:
                return self._matches_seq(name, found, device)
            case _:
                same_kind = isinstance(wanted, bool) == isinstance(found, bool)
                return bool(same_kind and self._filled(wanted) == found)

    def _matches_seq(self, name: str | None, found: Any, device: str) -> bool:
        if name is not None and name in self._numbers:
            self._last_seq[device] = max(self._last_seq[device], found)
            return bool(found == self._numbers[name])
        if type(found) is not int or found <= self._last_seq[device]:
            return False
        self._last_seq[device] = found
        if name is not None:
            self._numbers[name] = found
        return True
