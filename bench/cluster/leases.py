"""A hundred thousand conversations that belong to two workers, and one of these dies."""

from __future__ import annotations

import random
import time
from typing import Any, Final

from bench.cluster.installations import Installation, InstallationError, Shape
from bench.cluster.rows import Run, note
from bench.cluster.tables import PARTS
from bench.figures import percentile
from bench.processes import CpuClock
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_leases import SqlLeaseStore

LEASED: Final = Shape(kind="routed", database="postgresql", workers=2)
_MIB: Final = 1024 * 1024
_CLAIMS: Final = 500
_REST_SECONDS: Final = 5.0
_SAME: Final = random.Random(4)  # noqa: S311 - the same users each time


def measure_leases(run: Run, *, connected: int) -> None:
    """Measure; each round in a cluster of its own.

    Args:
      run: has the people, and gets the results.
      connected: how many of those are connected whose worker dies.
    """
    for number in range(max(1, run.plan.rounds // 2)):
        one = run.begin(LEASED)
        try:
            for kind, found in _round(one, connected).items():
                run.record(f"leases {kind}", one.shape.label, found)
        except InstallationError as error:
            note(f"leases: {error}: {one.last_words()}")
        finally:
            one.end()
        note(f"leases: round {number + 1}")


def _round(one: Installation, connected: int) -> dict[str, Any]:
    count = len(one.people.tokens)
    few = {"claim before": _claims(one, count)}
    before, rest = one.memory(), one.tell("rest", seconds=_REST_SECONDS)
    calls = _statements(one, _REST_SECONDS)
    workers = _workers(one)
    _register(one, workers, count)
    after, resting = one.memory(), one.tell("rest", seconds=_REST_SECONDS)
    idle = {
        "conversations registered": count,
        "bytes of the table and its indexes, each": _size(one) / count,
        **{f"MiB of {part} before": before[part] / _MIB for part in PARTS if part in before},
        **{f"MiB of {part} after": after[part] / _MIB for part in PARTS if part in after},
        "statements/s before": calls,
        "statements/s after": _statements(one, _REST_SECONDS),
        "cores before": rest["server_share"],
        "cores after": resting["server_share"],
    }
    claims = {
        **_named("with none registered", few["claim before"]),
        **_named(f"with {count:,} registered", _claims(one, count)),
    }
    _register(one, workers, count)
    return {"idle": idle, "claim": claims, "takeover": _takeover(one, workers, connected)}


def _takeover(one: Installation, workers: list[tuple[str, int]], connected: int) -> dict[str, Any]:
    """Kills the first worker, while its people say something."""
    dying, pid = workers[0]
    one.tell("shrink", count=0)
    # Every other user is its own, see `_register`; the first have been there.
    one.tell("grow", tokens=one.people.tokens[1 : 2 * connected : 2])
    held = _count(one, dying)
    _reset(one)
    moment = one.tell("moment", kill=pid)
    took, seconds = moment["took"], moment["seconds"]
    calls = _calls(one)
    again = one.tell("moment")
    left = _count(one, dying)
    later = one.tell("visits", seconds=3.0, tokens=one.people.tokens[2 * connected + 1 :: 2])
    return {
        "leases of the worker that dies": held,
        "users connected": len(took),
        "s until the first is answered": min(took),
        "s until half are answered": percentile(took, 50),
        "s until 99 % are answered": percentile(took, 99),
        "s until the last is answered": max(took),
        "s until the last is answered, the next time": max(again["took"]),
        "database statements until then": calls,
        "statements for each user": calls / len(took),
        "statements/s": calls / seconds,
        **{
            f"CPU ms of {part} for each user": used / 1000
            for part, used in moment["parts_us"].items()
        },
        **{
            f"CPU ms of {part} for each user, the next time": used / 1000
            for part, used in again["parts_us"].items()
        },
        "cores busy with something else": max(
            0.0, moment["machine_share"] - moment["server_share"] - moment["client_share"]
        ),
        "leases that the dead worker has still": left,
        "CPU ms to be ready, for one of those": later["cpu_us"] / 1000,
    }


# The database


def _register(one: Installation, workers: list[tuple[str, int]], count: int) -> None:
    """Gives every other user to the first worker, the rest to the second."""
    assert one.postgres is not None  # noqa: S101 - a cluster has one
    (first, _), (second, _) = workers[:2]
    with one.postgres.connect() as connection:
        connection.execute(
            "INSERT INTO leases (user_id, node_id, epoch)"
            " SELECT id, CASE WHEN id %% 2 = 0 THEN %s ELSE %s END, 1 FROM users WHERE id <= %s"
            " ON CONFLICT (user_id) DO UPDATE"
            " SET node_id = EXCLUDED.node_id, epoch = leases.epoch + 1",
            (first, second, count),
        )
        connection.execute("VACUUM ANALYZE leases")


def _workers(one: Installation) -> list[tuple[str, int]]:
    """The ids of workers by name, and their processes in the same order."""
    assert one.postgres is not None  # noqa: S101
    with one.postgres.connect() as connection:
        rows = connection.execute("SELECT id FROM nodes WHERE role = 'worker' ORDER BY name")
        ids = [str(id_) for (id_,) in rows.fetchall()]
    return list(zip(ids, one.parts["worker"], strict=True))


def _count(one: Installation, node_id: str) -> int:
    return int(_one(one, f"SELECT count(*) FROM leases WHERE node_id = '{node_id}'"))  # noqa: S608


def _size(one: Installation) -> int:
    return int(_one(one, "SELECT pg_total_relation_size('leases')"))


def _reset(one: Installation) -> None:
    _one(one, "SELECT pg_stat_statements_reset()")


def _calls(one: Installation) -> int:
    return int(_one(one, "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements"))


def _statements(one: Installation, seconds: float) -> float:
    """How many a second while nothing happens."""
    _reset(one)
    time.sleep(seconds)
    return _calls(one) / seconds


def _one(one: Installation, query: str) -> Any:
    assert one.postgres is not None  # noqa: S101
    with one.postgres.connect() as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _claims(one: Installation, count: int) -> dict[str, float]:
    """What a claim takes, as a worker makes it, by one who asks for one after the other."""
    assert one.postgres is not None  # noqa: S101
    store = SqlAccountStore(one.postgres.url)
    leases = SqlLeaseStore(store.database)
    users = _SAME.sample(range(1, count + 1), min(count, _CLAIMS))
    clock = CpuClock(one.parts["database"][0])
    node, took = "benchmark-00000000", []
    leases.claim(users[0], node)
    used, own = clock.read(), time.thread_time()
    for user in users:
        lease = leases.lease(user)
        began = time.perf_counter()
        leases.claim(user, node, instead_of=lease.epoch if lease else 0)
        took.append(time.perf_counter() - began)
    spent, mine = clock.read() - used, time.thread_time() - own
    leases.release(node, [(user, leases.lease(user).epoch) for user in users])  # type: ignore[union-attr]
    store.close()
    return {
        "ms, half of them": percentile(took, 50) * 1000,
        "ms, 99 % of them": percentile(took, 99) * 1000,
        "CPU us of the database": spent / len(users) / 1000,
        "CPU us of who asks": mine * 1e6 / len(users),
    }


def _named(prefix: str, found: dict[str, float]) -> dict[str, float]:
    return {f"{prefix}: {name}": value for name, value in found.items()}
