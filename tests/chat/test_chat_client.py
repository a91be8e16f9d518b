"""A conversation stays connected as long as there is a point in it."""

from __future__ import annotations

import asyncio

import pytest
from chat_fakes import FakeDial, FakeLink, FakeScreen, FakeSleep, FakeSource, make_client, settle
from chat_frames import answer, done, error, ready, thinking

from pytlas_wamp.chat.client import Closed, Connected, Disconnected
from pytlas_wamp.chat.problems import ChatProblem, Refused, Unreachable
from pytlas_wamp.chat.tokens import Tokens
from pytlas_wamp.wire.messages import Authenticate, Cancel, Goodbye, Message

LOST = Closed(code=1006, reason="")
FRESH = Tokens(access="fresh", refresh="fresh-refresh")


def refused(reason):
    return Closed(code=1000, reason=reason)


def run(scenario):
    return asyncio.run(scenario())


async def while_running(client, scenario=settle):
    running = asyncio.ensure_future(client.run())
    await settle()
    outcome = await scenario()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return outcome


async def run_until_told(client):
    with pytest.raises(ChatProblem) as told:
        await asyncio.wait_for(client.run(), 5)
    return told.value.key


class TestConnecting:
    def test_the_token_comes_first_and_ready_is_shown(self):
        async def scenario():
            link, screen = FakeLink(ready(), answer("Hi")), FakeScreen()
            await while_running(make_client(FakeDial(link), screen=screen))
            return link, screen

        link, screen = run(scenario)
        assert link.sent == [Authenticate(token="access")]
        assert screen.shown == [Connected(again=False), answer("Hi")]

    def test_what_is_said_is_sent(self):
        async def scenario():
            link = FakeLink(ready())
            client = make_client(FakeDial(link))

            async def talk():
                said = client.say("hello")
                client.cancel()
                return said

            return link, await while_running(client, talk)

        link, said = run(scenario)
        assert link.sent[1] == Message(message="hello", id=said)
        assert isinstance(link.sent[2], Cancel)

    @pytest.mark.parametrize("speak", [lambda c: c.say("hello"), lambda c: c.cancel()])
    def test_before_ready_nothing_is_sent(self, speak):
        async def scenario():
            link = FakeLink()
            client = make_client(FakeDial(link))

            async def talk():
                with pytest.raises(ChatProblem, match="nothing was sent"):
                    speak(client)

            await while_running(client, talk)
            return link, client

        link, client = run(scenario)
        assert len(link.sent) == 1
        assert client.conversation.turns == {}

    def test_unknown_types_are_ignored(self):
        async def scenario():
            screen = FakeScreen()
            link = FakeLink(ready(), '{"type": "weather"}', answer("Hi"))
            await while_running(make_client(FakeDial(link), screen=screen))
            return screen

        assert run(scenario).shown[1:] == [answer("Hi")]

    @pytest.mark.parametrize("text", ["{", '{"type": "ready"}', "[]"])
    def test_what_is_no_frame_ends_it(self, text):
        async def scenario():
            link = FakeLink(ready(), text)
            return await run_until_told(make_client(FakeDial(link))), link.closed

        assert run(scenario) == ("unreadable", True)

    def test_leaving_closes_the_connection(self):
        async def scenario():
            link = FakeLink(ready())
            await while_running(make_client(FakeDial(link)))
            return link.closed

        assert run(scenario)


class TestReconnecting:
    def test_it_waits_longer_each_time(self):
        async def scenario():
            sleep = FakeSleep(patience=8)
            failures = [Unreachable("unreachable", url="u", detail="d") for _ in range(8)]
            await while_running(make_client(FakeDial(*failures), sleep=sleep))
            return sleep.naps

        assert run(scenario) == [1, 2, 4, 8, 16, 30, 30, 30]

    @pytest.mark.parametrize(("chance", "naps"), [(0, [1, 1.5, 3]), (1, [1.25, 2.5, 5])])
    def test_chance_spreads_clients(self, chance, naps):
        async def scenario():
            sleep = FakeSleep(patience=3)
            failures = [Unreachable("unreachable", url="u", detail="d") for _ in range(3)]
            await while_running(make_client(FakeDial(*failures), sleep=sleep, chance=chance))
            return sleep.naps

        assert run(scenario) == naps

    def test_ready_starts_the_waiting_anew_and_opening_does_not(self):
        async def scenario():
            sleep = FakeSleep(patience=4)
            links = [FakeLink(LOST), FakeLink(LOST), FakeLink(ready(), LOST), FakeLink(LOST)]
            await while_running(make_client(FakeDial(*links), sleep=sleep))
            return sleep.naps

        assert run(scenario) == [1, 2, 1, 2]

    def test_a_goodbye_says_how_long(self):
        async def scenario():
            sleep, screen = FakeSleep(patience=2), FakeScreen()
            gone = FakeLink(
                ready(), Goodbye(reason="shutdown", retry_after=7), Closed(code=1001, reason="")
            )
            failure = Unreachable("unreachable", url="u", detail="d")
            await while_running(make_client(FakeDial(gone, failure), sleep=sleep, screen=screen))
            return sleep.naps, screen.shown[2]

        naps, shown = run(scenario)
        assert naps == [7.5, 1]
        assert (shown.problem, shown.delay, shown.first) == (None, 7.5, True)

    def test_a_goodbye_for_long_is_asked_sooner(self):
        async def scenario():
            sleep = FakeSleep(patience=1)
            gone = FakeLink(Goodbye(reason="shutdown", retry_after=1e9), LOST)
            await while_running(make_client(FakeDial(gone), sleep=sleep))
            return sleep.naps

        assert run(scenario) == [60.5]

    def test_only_the_first_failure_is_news(self):
        async def scenario():
            screen = FakeScreen()
            failure = Unreachable("unreachable", url="u", detail="d")
            links = [FakeLink(ready(), LOST), failure, FakeLink(ready(), LOST), FakeLink()]
            await while_running(make_client(FakeDial(*links), screen=screen))
            return [e.first if isinstance(e, Disconnected) else e for e in screen.shown]

        assert run(scenario) == [
            Connected(again=False),
            True,
            False,
            Connected(again=True),
            True,
        ]

    def test_messages_in_doubt_are_told_and_not_sent_again(self):
        async def scenario():
            screen, first, second = FakeScreen(), FakeLink(ready()), FakeLink(ready())
            client = make_client(FakeDial(first, second), screen=screen)

            async def talk():
                first.arrive(thinking(re=client.say("one")))
                client.say("two")
                first.arrive(LOST)
                await settle()

            await while_running(client, talk)
            lost = next(e for e in screen.shown if isinstance(e, Disconnected))
            return second.sent, [(turn.text, turn.heard) for turn in lost.unfinished]

        sent, unfinished = run(scenario)
        assert [type(frame) for frame in sent] == [Authenticate]
        assert unfinished == [("one", True), ("two", False)]

    def test_it_says_what_it_has_seen(self):
        async def scenario():
            second = FakeLink()
            links = [FakeLink(ready(seq=3), done(seq=9), LOST), second]
            await while_running(make_client(FakeDial(*links)))
            return second.sent

        assert run(scenario) == [Authenticate(token="access", after=9)]

    def test_a_refused_handshake_ends_it(self):
        async def scenario():
            dial = FakeDial(ChatProblem("handshake", url="u", detail="HTTP 404"))
            return await run_until_told(make_client(dial))

        assert run(scenario) == "handshake"


class TestCredentials:
    @pytest.mark.parametrize(
        "reason", ["authentication-expired", "authentication-revoked", "authentication-failed", ""]
    )
    def test_a_close_with_1000_takes_a_fresh_token_at_once(self, reason):
        async def scenario():
            second, sleep = FakeLink(ready()), FakeSleep()
            source = FakeSource(FRESH)
            dial = FakeDial(FakeLink(ready(), refused(reason)), second)
            await while_running(make_client(dial, source=source, sleep=sleep))
            return second.sent, source.asked, sleep.naps

        sent, asked, naps = run(scenario)
        assert sent == [Authenticate(token="fresh")]
        assert asked == [("refresh", "refresh")]
        assert naps == []

    def test_when_that_is_refused_the_person_is_asked(self):
        async def scenario():
            second, screen = FakeLink(ready()), FakeScreen(FRESH)
            source = FakeSource(Refused("token-refused", detail="used"))
            dial = FakeDial(FakeLink(refused("authentication-expired")), second)
            await while_running(make_client(dial, source=source, screen=screen))
            return second.sent, [str(problem) for problem in screen.problems]

        sent, problems = run(scenario)
        assert sent == [Authenticate(token="fresh")]
        assert problems == ["The session has ended (it has expired). Please sign in again."]

    def test_when_the_fresh_token_is_refused_the_person_is_asked_once(self):
        async def scenario():
            screen = FakeScreen(FRESH)
            dial = FakeDial(*[FakeLink(refused("authentication-failed")) for _ in range(3)])
            client = make_client(dial, source=FakeSource(FRESH), screen=screen)
            return await run_until_told(client), dial.count, len(screen.problems)

        assert run(scenario) == ("closed-for-good", 3, 1)

    def test_a_connection_that_was_ready_counts_anew(self):
        async def scenario():
            links = [FakeLink(ready(), refused("authentication-expired")) for _ in range(3)]
            source = FakeSource(FRESH, FRESH, FRESH)
            client = make_client(FakeDial(*links), source=source)
            await while_running(client)
            return len(source.asked)

        assert run(scenario) == 3

    def test_nobody_to_ask_ends_it(self):
        async def scenario():
            source = FakeSource(Refused("token-refused", detail="used"))
            client = make_client(FakeDial(FakeLink(refused("x"))), source=source)
            return await run_until_told(client)

        assert run(scenario) == "closed-for-good"

    def test_a_disabled_account_ends_it(self):
        async def scenario():
            source = FakeSource()
            client = make_client(FakeDial(FakeLink(refused("account-disabled"))), source=source)
            return await run_until_told(client), source.asked

        assert run(scenario) == ("account-disabled", [])

    def test_an_unreachable_server_is_asked_for_the_token_again_and_not_with_the_old_one(self):
        async def scenario():
            source = FakeSource(Unreachable("timeout", url="u", seconds=1), FRESH)
            second, sleep = FakeLink(ready()), FakeSleep()
            dial = FakeDial(FakeLink(refused("authentication-expired")), second)
            await while_running(make_client(dial, source=source, sleep=sleep))
            return second.sent, sleep.naps, dial.count

        assert run(scenario) == ([Authenticate(token="fresh")], [1], 2)

    def test_messages_in_doubt_are_told_here_too(self):
        async def scenario():
            screen, link = FakeScreen(), FakeLink(ready())
            client = make_client(FakeDial(link), screen=screen, source=FakeSource(FRESH))

            async def talk():
                client.say("one")
                link.arrive(refused("authentication-expired"))
                await settle()

            await while_running(client, talk)
            return [e for e in screen.shown if isinstance(e, Disconnected)]

        (told,) = run(scenario)
        assert [turn.text for turn in told.unfinished] == ["one"]


class TestRenewal:
    @pytest.mark.parametrize(("expires_in", "nap"), [(604800, 604500), (100, 50), (4, 5), (0, 5)])
    def test_fresh_tokens_are_shown_in_time(self, expires_in, nap):
        async def scenario():
            link, sleep = FakeLink(ready()), FakeSleep()
            tokens = Tokens(access="access", refresh="refresh", expires_in=expires_in)
            source = FakeSource(FRESH)
            await while_running(
                make_client(FakeDial(link), tokens=tokens, source=source, sleep=sleep)
            )
            return link.sent, sleep.naps, source.asked

        sent, naps, asked = run(scenario)
        assert sent == [Authenticate(token="access"), Authenticate(token="fresh")]
        assert (naps, asked) == ([nap], [("refresh", "refresh")])

    def test_a_refusal_waits_for_the_end(self):
        async def scenario():
            link = FakeLink(ready())
            tokens = Tokens(access="access", refresh="refresh", expires_in=9)
            source = FakeSource(Refused("token-refused", detail="used"))
            await while_running(make_client(FakeDial(link), tokens=tokens, source=source))
            return link.sent

        assert run(scenario) == [Authenticate(token="access")]

    def test_what_the_server_says_about_it_is_shown_as_any_error(self):
        async def scenario():
            screen = FakeScreen()
            frame = error("no", code="wrong-user", retryable=False)
            await while_running(make_client(FakeDial(FakeLink(ready(), frame)), screen=screen))
            return screen.shown

        assert run(scenario)[1:] == [error("no", code="wrong-user", retryable=False)]
