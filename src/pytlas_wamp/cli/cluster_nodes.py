"""`pytlas-wamp cluster status`, `drain` and `resume`: nodes, as the database has them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click

from pytlas_wamp.cli.accounts import open_server
from pytlas_wamp.cli.cluster import cluster
from pytlas_wamp.cli.program import ReadConfig, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_facts, show_json, show_table
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import LeaseStore, NodeStatus
from pytlas_wamp.transport.api.times import written_time

_LOOK_SECONDS: Final = 1.0


@cluster.command("status")
@as_json_option
@click.pass_obj
@told_plainly
def show_status(read: ReadConfig, *, as_json: bool) -> None:
    """Show gateways and workers: whether they live, and what they have to do.

    Nodes that have ended in order are not shown, those that died are for a day.
    """
    nodes = _open_leases(read).nodes()
    if as_json:
        show_json({"nodes": [_document(one) for one in nodes], "totals": _totals(nodes)})
    else:
        _show(nodes)


def _open_leases(read: ReadConfig) -> LeaseStore:
    # SQLAlchemy takes its time: only who needs it waits.
    from pytlas_wamp.accounts.sql_leases import SqlLeaseStore  # noqa: PLC0415

    return SqlLeaseStore(open_server(read).store.database)


def _document(one: NodeStatus) -> dict[str, Any]:
    node = one.node
    return {
        "id": node.id,
        "name": node.name,
        "role": node.role,
        "state": one.state,
        "alive": one.alive,
        "host": node.host,
        "address": node.address,
        "version": node.version,
        "protocol": node.protocol,
        "languages": sorted(node.languages),
        "conversations": node.conversations,
        "leases": one.leases,
        "started_at": written_time(one.started_at),
        "seen_at": written_time(one.seen_at),
        "details": dict(node.details),
    }


def _totals(nodes: Iterable[NodeStatus]) -> dict[str, Any]:
    living = [one for one in nodes if one.alive]
    return {
        "gateways": sum(one.node.role == "gateway" for one in living),
        "workers": sum(one.node.role == "worker" for one in living),
        "conversations": sum(one.node.conversations for one in living),
        "leases": sum(one.leases for one in nodes),
        "leases_of_the_dead": sum(one.leases for one in nodes if not one.alive),
    }


def _show(nodes: Sequence[NodeStatus]) -> None:
    if nodes:
        show_table(
            ("node", "role", "state", "conversations", "leases", "numbers", "machine", "version"),
            (
                (
                    one.node.id,
                    one.node.role,
                    _state(one),
                    str(one.node.conversations),
                    str(one.leases),
                    _numbers(one),
                    one.node.host,
                    f"{one.node.version} ({one.node.protocol})",
                )
                for one in _worth_showing(nodes)
            ),
        )
    totals = _totals(nodes)
    show_facts(
        (
            ("alive", f"{_of(totals, 'gateway')}, {_of(totals, 'worker')}"),
            ("conversations", f"{totals['conversations']} in memory, {_of(totals, 'lease')}"),
        )
    )
    for line in _worries(nodes, totals):
        click.echo(line)


def _worth_showing(nodes: Sequence[NodeStatus]) -> Iterable[NodeStatus]:
    """All but those that have died and were started again, once others have what was theirs."""
    living = {one.node.name for one in nodes if one.alive}
    return (one for one in nodes if one.alive or one.leases or one.node.name not in living)


def _of(totals: dict[str, Any], noun: str) -> str:
    return _counted(totals[f"{noun}s"], noun)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _state(one: NodeStatus) -> str:
    if one.alive:
        return one.state
    return f"dead since {written_time(one.seen_at)}"


def _numbers(one: NodeStatus) -> str:
    """What else the node tells, such as how many turns a second it has."""
    shown = [f"{name.replace('_', ' ')} {value:g}" for name, value in one.node.details.items()]
    shown += [f"speaks {', '.join(sorted(one.node.languages))}"] if one.node.languages else []
    return ", ".join(shown)


def _worries(nodes: Sequence[NodeStatus], totals: dict[str, Any]) -> Iterable[str]:
    """What somebody has to do something about, or need not although it looks so."""
    living = [one.node for one in nodes if one.alive]
    if not totals["gateways"]:
        yield "no gateway is alive: nobody can connect"
    if not any(one.alive and one.node.role == "worker" and one.state == "active" for one in nodes):
        yield "no worker is alive and active: conversations that nobody has cannot be had"
    if totals["leases_of_the_dead"]:
        yield (
            f"dead nodes still have {_counted(totals['leases_of_the_dead'], 'conversation')}: each "
            "moves when its person comes back"
        )
    workers = {node.protocol for node in living if node.role == "worker"}
    for node in living:
        if node.role == "gateway" and not workers <= {node.protocol, node.protocol - 1}:
            yield (
                f"{node.name} speaks protocol {node.protocol}, and some workers one that it does "
                "not know: upgrade workers first"
            )


# What they are to do


@cluster.command("drain")
@click.argument("name")
@click.option("--no-wait", is_flag=True, help="Do not wait until it has no conversations any more.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(1),
    help="How long to wait at most; it goes on draining. Otherwise as long as it takes.",
)
@as_json_option
@click.pass_obj
@told_plainly
def drain(
    read: ReadConfig, name: str, *, no_wait: bool, timeout: int | None, as_json: bool
) -> None:
    """Have the worker NAME give its conversations to others, and take none; then it can be stopped.

    Nobody notices: a conversation moves when nothing runs in it.
    """
    leases = _open_leases(read)
    _check_worker(leases, name)
    ids = leases.set_state(name, "draining")
    if not ids:
        raise _not_alive(leases, name)
    if not no_wait:
        _wait(leases, name, ids, timeout, shown=not as_json)
    if as_json:
        show_json({"name": name, "nodes": list(ids), "state": "draining" if no_wait else "drained"})
    elif no_wait:
        click.echo(f"{name} drains; `pytlas-wamp cluster status` tells how far it is")
    else:
        click.echo(f"{name} has no conversations any more, and can be stopped")


def _check_worker(leases: LeaseStore, name: str) -> None:
    if any(one.node.name == name and one.node.role == "gateway" for one in leases.living()):
        raise OperatorError(
            f"{name} is a gateway and has no conversations: just stop it, people connect to another"
        )


def _not_alive(leases: LeaseStore, name: str) -> OperatorError:
    names = sorted({one.node.name for one in leases.living() if one.node.role == "worker"})
    told = f"alive are {', '.join(names)}" if names else "none is"
    return OperatorError(f"There is no worker {name} that is alive; {told}")


def _wait(
    leases: LeaseStore, name: str, ids: Sequence[str], timeout: int | None, *, shown: bool
) -> None:
    """Wait until nodes have nothing any more, or have ended; tell how far they are."""
    ends = None if timeout is None else time.monotonic() + timeout
    told = None
    while left := [one for one in leases.nodes() if one.node.id in ids and not _is_through(one)]:
        count = sum(one.leases for one in left)
        if shown and count != told:
            click.echo(f"{name} has {_counted(count, 'conversation')} left", err=True)
            told = count
        if any(one.state == "active" for one in left):
            raise OperatorError(f"Somebody has told {name} to resume")
        if ends is not None and time.monotonic() >= ends:
            raise OperatorError(
                f"{name} still has {_counted(count, 'conversation')} after {timeout} s, and goes on"
            )
        time.sleep(_LOOK_SECONDS)


def _is_through(one: NodeStatus) -> bool:
    return one.state == "drained" or not one.alive


@cluster.command("resume")
@click.argument("name")
@as_json_option
@click.pass_obj
@told_plainly
def resume(read: ReadConfig, name: str, *, as_json: bool) -> None:
    """Let the worker NAME take conversations again."""
    leases = _open_leases(read)
    ids = leases.set_state(name, "active")
    if not ids:
        raise _not_alive(leases, name)
    if as_json:
        show_json({"name": name, "nodes": list(ids), "state": "active"})
    else:
        click.echo(f"{name} takes conversations")
