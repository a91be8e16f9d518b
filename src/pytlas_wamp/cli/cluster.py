"""`pytlas-wamp cluster`: makes the folder of a cluster, and adds nodes and routers to it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

import click

from pytlas_wamp.cli.cluster_folder import (
    FIRST_PORT,
    FIRST_ROUTER_PORT,
    Folder,
    Kind,
    check_host,
    check_name,
    filled,
    replace,
    router_url,
    with_router,
    write_key,
    write_router,
)
from pytlas_wamp.cli.cluster_plan import Plan
from pytlas_wamp.cli.cluster_routers import (
    CERTIFICATE_KEY_NAME,
    CERTIFICATE_NAME,
    REALM,
    Principal,
    RouterConfig,
    endpoint,
)
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_json
from pytlas_wamp.config import CONFIG_FILE_NAME
from pytlas_wamp.config.cluster import KEY_FILE_NAME
from pytlas_wamp.errors import OperatorError

_DATABASE: Final = "postgresql+psycopg:///pytlas"
_CROSSBAR: Final = "/opt/crossbar/bin/crossbar"
_PORT: Final = click.IntRange(1, 65_535)

_folder_argument = click.argument("folder", metavar="DIR", type=click.Path())
_role_option = click.option(
    "--role",
    type=click.Choice(["gateway", "worker"]),
    default="worker",
    show_default=True,
    help="What the node does.",
)


@main.group()
def cluster() -> None:
    """One server out of many processes: gateways, workers, and routers between them."""


@cluster.command("init")
@_folder_argument
@click.option(
    "--gateways", type=click.IntRange(1, 99), default=2, show_default=True, help="How many."
)
@click.option(
    "--workers", type=click.IntRange(1, 99), default=2, show_default=True, help="How many."
)
@click.option(
    "--routers", type=click.IntRange(1, 9), default=1, show_default=True, help="How many."
)
@click.option(
    "--database",
    metavar="URL",
    envvar="SERVER_DATABASE",
    default=_DATABASE,
    show_default=True,
    help="In PostgreSQL; also from SERVER_DATABASE in the environment.",
)
@click.option(
    "--port", type=_PORT, default=FIRST_PORT, show_default=True, help="Of the first gateway."
)
@click.option(
    "--router-port",
    type=_PORT,
    default=FIRST_ROUTER_PORT,
    show_default=True,
    help="Of the first router.",
)
@click.option(
    "--host",
    metavar="NAME",
    help="Of the routers' machine, when there are nodes on others: then with TLS.",
)
@click.option(
    "--crossbar",
    type=click.Path(),
    help=f"The program; otherwise that on the PATH, or {_CROSSBAR}.",
)
@as_json_option
@told_plainly
def make_cluster(
    folder: str,
    *,
    gateways: int,
    workers: int,
    routers: int,
    crossbar: str | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Write a small cluster to DIR: configurations, keys, scripts, units, containers.

    It starts as written. DIR must not be there yet, or be empty; README.md in it has the
    commands.
    """
    plan = Plan(
        place=_absolute(folder),
        counts={"gateway": gateways, "worker": workers, "router": routers},
        crossbar=_absolute(crossbar or shutil.which("crossbar") or _CROSSBAR),
        **wanted,
    )
    plan.check()
    plan.write()
    if as_json:
        show_json(
            {
                "folder": str(plan.place),
                "gateways": plan.names("gateway"),
                "workers": plan.names("worker"),
                "routers": plan.names("router"),
            }
        )
        return
    click.echo(f"made a cluster in {plan.place}; what to do with it is in its README.md")
    if plan.host is not None:
        _tell_certificates(plan.host, ", ".join(plan.names("router")))
    else:
        click.echo(f"to try it on this machine: {plan.place / 'start'}")


@cluster.command("node")
@_folder_argument
@click.argument("name")
@_role_option
@click.option("--port", type=_PORT, help="Of a gateway; otherwise the next above the others.")
@as_json_option
@told_plainly
def add_node(folder: str, name: str, *, role: Kind, port: int | None, as_json: bool) -> None:
    """Add a node NAME to the cluster in DIR, and let its routers know.

    A router learns of it when it is started anew. Where there are several, do that one after the
    other, and nobody notices; one that is alone is away for some seconds.
    """
    if role == "worker" and port is not None:
        raise click.UsageError("A worker has no --port: nobody connects to it.")
    found = Folder(_absolute(folder))
    found.check_new(name)
    shared = found.shared()
    if role == "gateway":
        port = port or found.next_gateway_port()
    routers = [RouterConfig.read(path) for path in found.of("router")]
    for router in routers:
        router.check_new(name)
    principal = found.write_node(name, role, shared, port=port)
    place = found.place(role, name)
    for router in routers:
        router.add(principal)
        replace(router.path, router.text())
    found.add_container(filled(f"compose-{role}.yaml", name=name, port=port))
    if as_json:
        show_json(_document(principal, place / KEY_FILE_NAME))
        return
    click.echo(f"made the {role} {name} in {place}")
    for router in routers:
        click.echo(f"start {router.path.parent.name} anew, so that it lets {name} in")
    if port is not None:
        click.echo(f"it listens at http://127.0.0.1:{port}")


@cluster.command("router")
@_folder_argument
@click.argument("name")
@click.option("--port", type=_PORT, help="Where it listens; otherwise the next above the others.")
@click.option("--host", metavar="NAME", help="Of its machine, when there are nodes on others.")
@as_json_option
@told_plainly
def add_router(
    folder: str, name: str, *, port: int | None, host: str | None, as_json: bool
) -> None:
    """Add a router NAME to the cluster in DIR, and let its nodes know.

    Routers do not know each other: nodes connect to all of them, and each conversation goes over
    one of those that are there.
    """
    check_host(host)
    found = Folder(_absolute(folder))
    found.check_new(name)
    nodes = found.nodes()
    port = port or found.next_router_port()
    url = router_url(host, port)
    texts = [(node / CONFIG_FILE_NAME, with_router(node, url)) for node in nodes]
    known = found.of("router")
    if not known:
        raise OperatorError(f"{found.path} has no router that this one could be like")
    router = RouterConfig.read(known[0]).copy(
        found.place("router", name), endpoint(port, tls=host is not None)
    )
    write_router(router)
    for path, text in texts:
        replace(path, text)
    found.add_container(filled("compose-router.yaml", name=name))
    if as_json:
        show_json({"name": name, "url": url, "nodes": [node.name for node in nodes]})
        return
    click.echo(f"made the router {name} in {router.path.parent}, which is reached at {url}")
    if host is not None:
        _tell_certificates(host, name)
    names = ", ".join(node.name for node in nodes)
    click.echo(f"start it, and then anew, one after the other: {names}")


@cluster.command("key")
@click.argument("name")
@_role_option
@click.option(
    "--file", type=click.Path(), help="Otherwise where the node looks for it, DATA-DIR/cluster.key."
)
@as_json_option
@click.pass_obj
@told_plainly
def show_key(read: ReadConfig, name: str, *, role: Kind, file: str | None, as_json: bool) -> None:
    """Make a key pair for the node NAME, and show how a router has to know it.

    For routers of your own; `cluster node` does it all for those that `cluster init` made.
    """
    check_name(name)
    path = _absolute(file or read().cluster.key)
    principal = Principal(name=name, role=role, public_key=write_key(path))
    if as_json:
        show_json(_document(principal, path))
        return
    click.echo(f"made {path}, which is for {name} alone to read")
    click.echo("a router has to have among its principals of cryptosign, at each transport:\n")
    click.echo(json.dumps({name: principal.entry()}, indent=2))
    click.echo(f"\nand among the roles of its realm {REALM}:\n")
    click.echo(json.dumps(principal.rights(), indent=2))


def _document(principal: Principal, key_file: Path) -> dict[str, Any]:
    return {
        "name": principal.name,
        "role": principal.role,
        "key_file": str(key_file),
        "public_key": principal.public_key,
        "principal": principal.entry(),
        "rights": principal.rights(),
    }


def _tell_certificates(host: str, names: str) -> None:
    click.echo(
        f"put the certificate for {host} as {CERTIFICATE_NAME} and its key as "
        f"{CERTIFICATE_KEY_NAME} into the folder of {names}: between machines only TLS will do"
    )


def _absolute(path: str | Path) -> Path:
    """The path without dots; links stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path has nothing for it
