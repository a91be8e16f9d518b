"""Frames of a server, short to write."""

from __future__ import annotations

from attrs import fields

from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Ask,
    AskData,
    Card,
    Context,
    Done,
    Error,
    Ready,
    ReadyLimits,
    Said,
    ServerInfo,
    Thinking,
)


def ready(*, language="en-US", seq=0, resumed=False, max_message_bytes=65536):
    return Ready(
        language=language,
        seq=seq,
        resumed=resumed,
        server=ServerInfo(name="pytlas-wamp", version="1"),
        limits=ReadyLimits(
            max_message_bytes=max_message_bytes, max_queued_messages=32, turn_deadline_seconds=60
        ),
    )


def thinking(*, seq=1, re=None):
    return Thinking(seq=seq, re=re)


def done(*, seq=2, re=None, require_input=False):
    return Done(seq=seq, re=re, require_input=require_input)


def answer(text="Hi", *, raw_text=None, cards=None, seq=3, re=None):
    return Answer(seq=seq, re=re, data=AnswerData(text=text, raw_text=raw_text, cards=cards))


def card(**values):
    keys = [attribute.name for attribute in fields(Card)]
    return Card(**{**dict.fromkeys(keys), **values})


def ask(text="Which?", *, choices=("red",), seq=4, re=None, raw_text=None):
    offered = None if choices is None else list(choices)
    data = AskData(slot="color", text=text, raw_text=raw_text, choices=offered)
    return Ask(seq=seq, re=re, data=data)


def context(*, name, seq=5, re=None):
    return Context(seq=seq, re=re, name=name)


def said(message="hello", *, seq=6):
    return Said(seq=seq, message=message)


def error(message="too busy", *, code="busy", retryable=True, retry_after=None, re=None, seq=None):
    return Error(
        code=code, message=message, retryable=retryable, retry_after=retry_after, re=re, seq=seq
    )
