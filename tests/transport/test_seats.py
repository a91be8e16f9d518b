"""Places that there are only so many of for each."""

from __future__ import annotations

import pytest

from pytlas_wamp.transport.seats import Seats, neighbourhood


class TestSeats:
    def test_there_are_as_many_as_the_limit_and_not_one_more(self):
        seats = Seats(2)
        assert [seats.take("a") is None for _ in range(3)] == [False, False, True]
        assert seats.taken("a") == 2

    def test_everybody_has_their_own(self):
        seats = Seats(1)
        assert seats.take("a") is not None
        assert seats.take("b") is not None
        assert seats.take("a") is None

    def test_one_that_was_given_back_is_free(self):
        seats = Seats(1)
        seats.take("a")()
        assert seats.taken("a") == 0
        assert seats.take("a") is not None

    def test_giving_back_twice_gives_one(self):
        seats = Seats(2)
        first, _ = seats.take("a"), seats.take("a")
        first()
        first()
        assert seats.taken("a") == 1

    def test_who_is_refused_takes_nothing(self):
        seats = Seats(1)
        mine = seats.take("a")
        seats.take("a")
        mine()
        assert seats.taken("a") == 0

    def test_nothing_is_left_of_who_is_gone(self):
        seats = Seats(5)
        held = [seats.take(number) for number in range(100)]
        assert len(seats) == 100
        for give_back in held:
            give_back()
        assert len(seats) == 0

    def test_somebody_unknown_has_room_always(self):
        seats = Seats(1)
        held = [seats.take(None) for _ in range(3)]
        assert None not in held
        held[0]()
        assert len(seats) == 0


class TestNeighbourhood:
    @pytest.mark.parametrize(
        ("address", "counted"),
        [
            (None, None),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
        ],
    )
    def test_of_an_ipv6_address_is_the_network_of_a_household(self, address, counted):
        assert neighbourhood(address) == counted
