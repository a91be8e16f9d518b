"""Draws frames for a terminal: what Rich can print, from what the server sent.

Every text of a skill, a user or a server passes `neutralise` on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen
from markdown_it import MarkdownIt
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pytlas_wamp.chat.client import Connected, Disconnected, Event
from pytlas_wamp.chat.conversation import Conversation, Turn
from pytlas_wamp.chat.neutral import neutralise, one_line
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Ask,
    AskData,
    Card,
    Context,
    Error,
    Language,
    Said,
)

# Wide enough to read well, narrow enough to find the next line.
MAX_WIDTH: Final = 88

_LONGEST_QUOTE: Final = 60
_LINK_SCHEMES: Final = frozenset({"http", "https", "mailto"})
_PICTURE_SCHEMES: Final = frozenset({"http", "https"})

ACCENT: Final = "cyan"
PROMPT_MARK: Final = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"


@frozen
class View:
    """Draws what happens.

    Args:
      conversation: says the language, and who and where.
    """

    conversation: Conversation

    @property
    def _texts(self) -> Texts:
        return self.conversation.texts

    def draw(self, event: Event) -> RenderableType | None:  # noqa: PLR0911 - one for each kind
        """Returns what an event looks like, None when it is not worth a line."""
        match event:
            case Answer(data=data):
                return draw_answer(data, self._texts)
            case Ask(data=data):
                return draw_ask(data)
            case Said(message=message):
                return self._said(message)
            case Context(name=name):
                return self._context(name)
            case Language(language=language):
                return draw_note(self._texts("language", language=language))
            case Error():
                return draw_trouble(tell_error(event, self._texts))
            case Connected(again=again):
                return self._connected(again=again)
            case Disconnected():
                return self._disconnected(event)
        return None

    def who(self, server: str, *, is_connected: bool) -> RenderableType:
        """Returns who the user is, and where."""
        texts, ready = self._texts, self.conversation.ready
        return draw_note(
            texts(
                "who",
                name=self.conversation.name,
                server=server,
                version=f"{ready.server.name} {ready.server.version}" if ready else "?",
                language=self.conversation.language or "?",
                context=self.conversation.context or texts("who-root"),
                state=texts("who-connected" if is_connected else "who-disconnected"),
            )
        )

    def _said(self, message: str) -> RenderableType:
        line = Text(f"{one_line(self.conversation.name)} {PROMPT_MARK} ", style="bold")
        line.append(neutralise(message), style="not bold")
        line.append(f"  ({self._texts('said')})", style="dim not bold")
        return line

    def _context(self, name: str | None) -> RenderableType | None:
        if name is not None:
            return draw_note(self._texts("context", name=name))
        if self.conversation.has_left_context:
            return draw_note(self._texts("context-left"))
        return None

    def _connected(self, *, again: bool) -> RenderableType | None:
        return draw_note(self._texts("welcome-back")) if again else None

    def _disconnected(self, event: Disconnected) -> RenderableType | None:
        lines = [tell_unfinished(turn, self._texts) for turn in event.unfinished]
        if event.first and event.problem is None:
            lines.insert(0, self._texts("server-stopped"))
        elif event.first and event.problem is not None:
            lines.insert(0, event.problem.told(self._texts))
        return draw_trouble("\n".join(lines)) if lines else None


def draw_answer(data: AnswerData, texts: Texts) -> RenderableType:
    """Returns an answer: its Markdown, then its cards."""
    parts: list[RenderableType] = []
    if data.text:
        parts.append(_speech(data.text))
    parts.extend(draw_card(card, texts) for card in data.cards or ())
    return Group(*parts)


def draw_card(card: Card, texts: Texts) -> RenderableType:
    """Returns a card as a box with its headline in the frame."""
    parts: list[RenderableType] = []
    if card.subhead:
        parts.append(Text(neutralise(card.raw_subhead or card.subhead), style="italic dim"))
    if card.text:
        parts.append(draw_markdown(card.text))
    parts.extend(Text(line, style="blue") for line in card_links(card, texts))
    header = one_line(card.raw_header or card.header or "")
    return Padding(
        Panel(
            Group(*parts),
            title=Text(header, style="bold") if header else None,
            title_align="left",
            border_style="dim",
            expand=False,
            width=None,
            padding=(0, 1),
        ),
        (0, 0, 0, 2),
        expand=False,
    )


def draw_ask(data: AskData) -> RenderableType:
    """Returns a question with its choices, numbered as they can be typed."""
    question = _speech(data.text, mark="?")
    if not data.choices:
        return question
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style=ACCENT)
    table.add_column(overflow="fold")
    for number, choice in enumerate(data.choices, 1):
        table.add_row(str(number), Text(one_line(choice)))
    return Group(question, Padding(table, (0, 0, 0, 2)))


def draw_note(text: str) -> RenderableType:
    """Returns something the client says by itself."""
    return Text(text, style="dim")


def draw_trouble(text: str) -> RenderableType:
    """Returns something that went wrong."""
    return Text(text, style="yellow")


def draw_markdown(text: str) -> RenderableType:
    """Returns Markdown drawn; HTML stands there as it was written, links show their address."""
    markdown = Markdown("", hyperlinks=False, code_theme="ansi_dark")
    markdown.parsed = _MARKDOWN.parse(neutralise(text))
    return markdown


# Rich's own parser would swallow HTML, and with it what somebody typed between < and >.
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").enable("table")


def _speech(text: str, mark: str = "●") -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style=ACCENT)
    grid.add_column(overflow="fold")
    grid.add_row(mark, draw_markdown(text))
    return grid


def card_links(card: Card, texts: Texts) -> list[str]:
    """Returns a line for where the headline leads and one for the picture.

    Addresses of schemes that a terminal should not open are left out; data URLs are
    told by kind and size.
    """
    lines = []
    if card.header_link and _scheme(card.header_link) in _LINK_SCHEMES:
        lines.append(f"→ {one_line(card.header_link)}")
    if card.media:
        picture = _tell_picture(card.media)
        if picture:
            lines.append(f"{texts('picture')}: {picture}")
    return lines


def _tell_picture(media: str) -> str | None:
    scheme = _scheme(media)
    if scheme == "data":
        head, _, body = media.partition(",")
        kind = one_line(head.removeprefix("data:").split(";")[0])[:40]
        return f"{kind or 'data'}, {len(body) * 3 // 4 // 1024 + 1} kB"
    return one_line(media) if scheme in _PICTURE_SCHEMES else None


def _scheme(url: str) -> str:
    try:
        return urlsplit(one_line(url)).scheme.lower()
    except ValueError:
        return ""


def tell_error(error: Error, texts: Texts) -> str:
    """Returns an error of the server as a sentence or two."""
    sentence = one_line(error.message) or one_line(error.code)
    if not error.retryable:
        return sentence
    if error.retry_after:
        hint = texts("retry-after", seconds=round(error.retry_after))
    else:
        hint = texts("retry")
    return f"{sentence}. {hint}" if sentence[-1:] not in ".!?" else f"{sentence} {hint}"


def tell_unfinished(turn: Turn, texts: Texts) -> str:
    """Returns what is known about a message whose connection has gone."""
    message = one_line(turn.text)
    if len(message) > _LONGEST_QUOTE:
        message = f"{message[: _LONGEST_QUOTE - 1]}…"
    return texts("cut-off" if turn.heard else "maybe-lost", message=message)


def plain_answer(data: AnswerData, texts: Texts) -> str:
    """Returns an answer for a pipe: no colours, no boxes, no Markdown."""
    lines = [neutralise(data.raw_text or data.text or "").strip()]
    for card in data.cards or ():
        lines += _plain_card(card, texts)
    return "\n".join(line for line in lines if line)


def plain_ask(data: AskData) -> str:
    """Returns a question for a pipe, its choices numbered."""
    return "\n".join([neutralise(data.raw_text or data.text), *_numbered(data.choices or ())])


def _plain_card(card: Card, texts: Texts) -> Sequence[str]:
    texts_of_card = (
        card.raw_header or card.header,
        card.raw_subhead or card.subhead,
        card.raw_text or card.text,
    )
    lines = [neutralise(text).strip() for text in texts_of_card if text]
    return [*lines, *card_links(card, texts)]


def _numbered(choices: Sequence[str]) -> list[str]:
    return [f"{number}. {one_line(choice)}" for number, choice in enumerate(choices, 1)]
