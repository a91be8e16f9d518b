"""The throttle: who guesses waits, who is right does not, and nobody locks others out."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.throttle import MAX_KNOWN, BoundedWindows, Throttle
from pytlas_wamp.errors import ClientError

HOME = "192.0.2.1"


@define
class Watch:
    """A clock that is set by hand."""

    time: float = 1000.0
    meanwhile: object = None
    looks: int = 0

    def __call__(self):
        """The time; something happens when it is looked at for the third time."""
        self.looks += self.meanwhile is not None
        if self.looks == 3:
            happens, self.meanwhile, self.looks = self.meanwhile, None, 0
            happens()
        return self.time


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def throttle(watch):
    return Throttle(watch)


def passed(throttle, times, name="Ana", address=HOME, **how):
    """How many of so many attempts were let through."""
    number = 0
    for _ in range(times):
        with suppress(ClientError):
            throttle.attempt(name, address, **how)
            number += 1
    return number


def refusal(throttle, name="Ana", address=HOME):
    with pytest.raises(ClientError) as caught:
        throttle.attempt(name, address)
    return caught.value


def customers(number, site=1):
    """Addresses of so many customers in one IPv6 site."""
    return [f"2001:db8:{site:x}:{customer:x}::1" for customer in range(number)]


def sites(number):
    """Addresses in so many IPv6 sites."""
    return [f"2001:db8:{site:x}::1" for site in range(number)]


def passed_at(throttle, times, addresses, **how):
    """How many were let through of so many attempts at each of these."""
    return sum(passed(throttle, times, address=address, **how) for address in addresses)


class TestSteps:
    def test_are_five_in_a_minute_from_an_address(self, throttle):
        assert passed(throttle, 100) == 5

    def test_are_thirty_in_an_hour_from_an_address(self, throttle, watch):
        numbers = []
        for _ in range(10):
            numbers.append(passed(throttle, 7))
            watch.time += 60

        assert numbers == [5] * 6 + [0] * 4

    def test_are_a_hundred_in_an_hour_from_anywhere(self, throttle):
        numbers = [passed(throttle, 3, address=f"192.0.2.{number}") for number in range(40)]

        assert numbers == [3] * 33 + [1] + [0] * 6

    def test_are_a_hundred_in_an_hour_when_the_address_is_not_known(self, throttle):
        assert passed(throttle, 150, address=None) == 100
        assert passed(throttle, 1, address=HOME) == 0

    def test_are_thirty_in_an_hour_from_a_network_with_many_customers(self, throttle, watch):
        assert passed_at(throttle, 5, customers(20)) == 30
        watch.time += 3599
        assert passed_at(throttle, 5, customers(20)) == 0
        watch.time += 1
        assert passed_at(throttle, 5, customers(20)) == 30

    def test_of_everybody_are_not_used_up_from_one_network(self, throttle):
        passed_at(throttle, 5, customers(500))

        assert passed(throttle, 9) == 5
        assert passed(throttle, 9, address="2001:db8:2::1") == 5

    def test_of_everybody_are_used_up_from_many_networks(self, throttle):
        assert passed_at(throttle, 5, sites(30)) == 100

    def test_end_when_the_oldest_attempt_is_old(self, throttle, watch):
        passed(throttle, 1)
        watch.time += 20
        passed(throttle, 4)

        watch.time += 39.9
        assert passed(throttle, 1) == 0
        watch.time += 0.1
        assert passed(throttle, 2) == 1


class TestRefusal:
    def test_says_when_it_makes_sense_again(self, throttle, watch):
        passed(throttle, 5)
        watch.time += 17.5

        error = refusal(throttle)

        assert error.code == "rate-limited"
        assert error.retry_after == 43
        assert error.detail == "There were too many attempts: try again in 43 seconds."
        watch.time += error.retry_after
        assert passed(throttle, 1) == 1

    def test_never_says_zero(self, throttle, watch):
        passed(throttle, 5)
        watch.time += 59.999999

        error = refusal(throttle)

        assert (error.retry_after, type(error.retry_after)) == (1, int)
        assert error.detail.endswith("in 1 second.")

    def test_of_an_hour_says_so(self, throttle, watch):
        for _ in range(6):
            passed(throttle, 5)
            watch.time += 60

        assert refusal(throttle).retry_after == 3600 - 360

    def test_says_how_long_the_longest_wait_is(self, throttle, watch):
        passed(throttle, 95, address=None)
        watch.time += 600
        passed(throttle, 5)

        assert refusal(throttle).retry_after == 3000

    def test_does_not_count_itself(self, throttle, watch):
        passed(throttle, 1000)
        watch.time += 60

        assert passed(throttle, 5) == 5

    def test_at_one_address_does_not_use_up_what_all_have(self, throttle, watch):
        for _ in range(60):
            passed(throttle, 50, address="203.0.113.9")
            watch.time += 60

        assert passed(throttle, 9) == 5


class TestMemory:
    def test_is_not_used_up_by_what_is_refused(self, watch):
        throttle = Throttle(watch, 250)
        passed(throttle, 30, address="192.0.2.7")
        passed(throttle, 100, address=None)
        passed(throttle, 100, address=None, name="nobody")

        assert passed_at(throttle, 1, sites(2000), name="nobody") == 0

        assert passed_at(throttle, 30, sites(20)) == 0
        assert len(throttle._near.storage) == 2  # those of the first line

    def test_is_not_used_up_by_addresses_of_one_name(self, watch):
        throttle = Throttle(watch, 20)
        passed(throttle, 100, address=None)

        assert passed_at(throttle, 1, sites(100), name="nobody") == 100

        assert passed(throttle, 1) == 0

    def test_of_an_account_costs_as_many_names_as_it_keeps(self, watch):
        throttle = Throttle(watch, 20)
        passed(throttle, 100, address=None)

        assert [passed(throttle, 1, name=f"name{number}") for number in range(19)] == [1] * 19
        assert passed(throttle, 1) == 0
        passed(throttle, 1, name="name19")
        assert passed(throttle, 1) == 1


class TestWhoIsMeant:
    @pytest.mark.parametrize("other", [" Ana ", "ANA", "ana\t", "\uff21\uff4e\uff41", "\u00a0Ana"])
    def test_is_the_same_account_however_the_name_is_typed(self, throttle, other):
        passed(throttle, 5)

        assert passed(throttle, 1, name=other) == 0

    @pytest.mark.parametrize(
        "name", ["", "\0", "\ud800", "a/b", "x" * 70_000, "\u1100\u1161" * 999]
    )
    def test_may_be_nobody(self, throttle, name):
        assert passed(throttle, 9, name=name) == 5
        assert passed(throttle, 1) == 1

    def test_is_not_looked_at_beyond_the_longest_name(self, throttle):
        assert passed(throttle, 9, name="x" * 600 + "a\u0316" * 9000) == 5
        assert passed(throttle, 9, name=" " + "x" * 600) == 0
        assert passed(throttle, 9, name="x" * 599) == 5

    def test_is_not_somebody_else(self, throttle):
        passed(throttle, 9)

        assert passed(throttle, 9, name="Bob") == 5
        assert passed(throttle, 9, address="192.0.2.2") == 5
        assert passed(throttle, 9, what="setup") == 5

    def test_strangers_do_not_use_up_what_another_thing_has(self, throttle):
        passed(throttle, 100, address=None)
        passed_at(throttle, 5, [HOME, *sites(9)])

        assert passed(throttle, 9, what="own password") == 5

    def test_is_not_somebody_else_whose_texts_join_alike(self, throttle):
        passed(throttle, 9, name="a/b", address="c")

        assert passed(throttle, 9, name="a", address="b/c") == 5

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("192.0.2.1", "::ffff:192.0.2.1", True),
            ("192.0.2.1", "::ffff:192.0.2.2", False),
            ("unix", "unix", True),
            ("unix", "other", False),
            ("", "", True),
        ],
    )
    def test_is_at_the_same_address(self, throttle, one, other, same):
        passed(throttle, 5, address=one)

        assert passed(throttle, 1, address=other) == (0 if same else 1)


class TestForgive:
    def test_lets_a_person_go_on(self, throttle):
        passed(throttle, 5)

        throttle.forgive(" ana ", HOME)

        assert passed(throttle, 9) == 5

    def test_forgets_the_attempts_from_anywhere_too(self, throttle):
        passed(throttle, 100, address=None)

        throttle.forgive("Ana", HOME)

        assert passed(throttle, 1, address="192.0.2.7") == 1

    def test_forgets_the_attempts_in_a_network_with_many_customers_too(self, throttle):
        passed_at(throttle, 5, customers(6))

        throttle.forgive("Ana", "2001:db8:1:99::1")

        assert passed_at(throttle, 1, customers(9)) == 3  # six are at their minute's end

    def test_does_not_forgive_other_addresses_names_and_things(self, throttle):
        passed(throttle, 5)
        passed(throttle, 5, name="Bob")
        passed(throttle, 5, what="setup")

        throttle.forgive("Ana", "192.0.2.7")

        assert passed(throttle, 1) == 0
        assert passed(throttle, 1, name="Bob") == 0
        assert passed(throttle, 1, what="setup") == 0

    def test_of_nothing_is_fine(self, throttle):
        throttle.forgive("Ana", None)

        assert passed(throttle, 5) == 5


class TestKnown:
    """Where an attempt was right before, strangers lock nobody out."""

    def test_address_is_not_closed_by_strangers(self, throttle):
        throttle.forgive(" ANA ", HOME)
        passed_at(throttle, 5, sites(30))

        assert passed(throttle, 9) == 5
        assert passed(throttle, 9, address="192.0.2.7") == 0

    def test_address_has_its_own_limits(self, throttle, watch):
        throttle.forgive("Ana", HOME)

        numbers = []
        for _ in range(10):
            numbers.append(passed(throttle, 7))
            watch.time += 60

        assert numbers == [5] * 6 + [0] * 4

    def test_address_uses_up_nothing_of_others(self, throttle):
        throttle.forgive("Ana", HOME)
        passed(throttle, 5)

        assert passed(throttle, 150, address=None) == 100

    def test_network_is_not_closed_by_others_in_the_same_site(self, throttle):
        throttle.forgive("Ana", "2001:db8:1:abcd::1")
        passed_at(throttle, 5, customers(20))

        assert passed(throttle, 9, address="2001:db8:1:abcd::2") == 5
        assert passed(throttle, 9, address="2001:db8:1:abce::1") == 0

    def test_is_not_somebody_else(self, throttle):
        throttle.forgive("Ana", HOME)
        passed(throttle, 100, address=None, name="Bob")
        passed(throttle, 100, address=None, what="setup")

        assert passed(throttle, 1, name="Bob") == 0
        assert passed(throttle, 1, what="setup") == 0

    def test_is_no_unknown_address(self, throttle):
        throttle.forgive("Ana", None)

        assert passed(throttle, 150, address=None) == 100

    def test_are_the_last_networks(self, throttle):
        for number in range(MAX_KNOWN):
            throttle.forgive("Ana", f"192.0.2.{number}")
        throttle.forgive("Ana", "192.0.2.0")
        throttle.forgive("Ana", "203.0.113.9")
        passed(throttle, 100, address=None)

        known = [passed(throttle, 1, address=f"192.0.2.{n}") for n in range(MAX_KNOWN)]

        assert known == [1, 0] + [1] * (MAX_KNOWN - 2)
        assert passed(throttle, 1, address="203.0.113.9") == 1

    def test_are_not_forgotten_when_another_is_right_again_and_again(self, throttle):
        throttle.forgive("Ana", HOME)
        for _ in range(MAX_KNOWN + 1):
            throttle.forgive("Ana", "203.0.113.9")
        passed(throttle, 100, address=None)

        assert passed(throttle, 1) == 1

    def test_are_not_forgotten_for_an_unknown_address(self, throttle):
        for number in range(MAX_KNOWN):
            throttle.forgive("Ana", f"192.0.2.{number}")
        throttle.forgive("Ana", None)
        passed(throttle, 100, address=None)

        assert passed(throttle, 1, address="192.0.2.0") == 1

    def test_are_the_last_accounts(self, watch):
        throttle = Throttle(watch, 3)
        for name in ("Ana", "Bob", "Cem", "Ana", "Dai"):
            throttle.forgive(name, HOME)

        names = ("Ana", "Bob", "Cem", "Dai")
        for name in names:
            passed(throttle, 100, address=None, name=name)
            assert passed(throttle, 1, name=name) == (0 if name == "Bob" else 1)


class TestAtOnce:
    def test_who_comes_while_another_is_looked_at_is_counted(self, throttle, watch):
        passed(throttle, 4)
        watch.meanwhile = lambda: passed(throttle, 1)

        assert passed(throttle, 1) == 0
        assert passed(throttle, 100, address=None) == 95

    def test_a_hundred_attempts_do_not_all_pass(self, throttle):
        with ThreadPoolExecutor(32) as pool:
            numbers = list(pool.map(lambda _: passed(throttle, 1), range(200)))

        assert sum(numbers) == 5

    def test_no_thread_is_left_behind(self, throttle):
        before = threading.active_count()

        passed(throttle, 50)

        assert threading.active_count() == before

    def test_many_names_and_forgiving_break_nothing(self, watch):
        throttle = Throttle(watch, 5)

        def play(number):
            passed(throttle, 2, name=f"name{number % 9}")
            throttle.forgive(f"name{number % 7}", HOME)
            return True

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(play, range(500)))


class TestBoundedWindows:
    def test_keeps_no_more_than_it_may(self, watch):
        windows = BoundedWindows(watch, 3)

        for number in range(9):
            windows.acquire_entry(str(number), 1, 60)

        assert len(windows) == 3

    def test_forgets_what_was_not_used_for_longest(self, watch):
        windows = BoundedWindows(watch, 2)
        for key in ("a", "b", "a", "c"):
            windows.acquire_entry(key, 1, 60)

        assert windows.acquire_entry("a", 1, 60) is False
        assert windows.acquire_entry("b", 1, 60) is True

    def test_keeps_no_attempts_that_are_over(self, watch):
        windows = BoundedWindows(watch, 2)
        for _ in range(50):
            assert windows.acquire_entry("a", 2, 60)
            watch.time += 31

        assert len(windows._windows["a"]) <= 2

    @given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60))
    def test_lets_through_what_a_plain_list_of_times_does(self, steps):
        watch, times = Watch(), []
        windows = BoundedWindows(watch, 2)
        for seconds, clear in steps:
            watch.time += seconds
            if clear and seconds == 30:
                windows.clear("a")
                times.clear()
            recent = [time for time in times if time > watch.time - 60]
            assert windows.get_moving_window("a", 3, 60) == (
                min(recent, default=watch.time),
                len(recent),
            )
            assert windows.acquire_entry("a", 3, 60) is (len(recent) < 3)
            if len(recent) < 3:
                times.append(watch.time)

    def test_is_a_storage_as_the_library_wants_it(self, watch):
        windows = BoundedWindows(watch, 2)
        windows.acquire_entry("a", 1, 60)

        assert windows.check()
        assert windows.base_exceptions == ()
        assert windows.reset() == 1
        assert len(windows) == 0

    @pytest.mark.parametrize(
        "act",
        [
            lambda windows: windows.incr("a", 60),
            lambda windows: windows.get("a"),
            lambda windows: windows.get_expiry("a"),
        ],
    )
    def test_knows_no_fixed_windows(self, watch, act):
        with pytest.raises(NotImplementedError):
            act(BoundedWindows(watch, 2))


class TestDefaults:
    def test_work(self):
        assert passed(Throttle(), 9) == 5
