"""A cluster on hosts of their own, whose cables are cut and bad; fails when a frame is lost.

`python tests/cluster_service/run_networks.py [--faults 10] [--people 4] [--seed 1]`, as root;
PYTLAS_WAMP_CROSSBAR names the program of the router. Hosts are network namespaces, between which
cluster_switch.py carries packets. Nothing goes in or out.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "service")]

from cluster_bad_cables import NETWORK_FAULTS  # noqa: E402 - found by the line above
from cluster_chaos import DEVICES, Finding, suffer  # noqa: E402
from cluster_networks import SUBNET, Networks, can_have_networks  # noqa: E402
from cluster_stage import CROSSBAR, Cluster, hosts  # noqa: E402

import pytlas_wamp.compat  # noqa: E402, F401 - before pytlas
from postgres import PostgresServer  # noqa: E402

GATEWAYS, WORKERS = 2, 3


def run(options: argparse.Namespace) -> Finding:
    """Make hosts, run it there, and leave nothing behind."""
    networks = Networks(hosts(GATEWAYS, WORKERS), options.seed)
    postgres, cluster = None, None
    try:
        networks.begin()
        with networks.inside("database"):
            address = networks.address("database")
            postgres = PostgresServer.start(address=address, clients=SUBNET)
        with networks.inside("devices"):
            cluster = Cluster(
                postgres=postgres, gateways=GATEWAYS, workers=WORKERS, networks=networks
            )
            return asyncio.run(
                suffer(
                    cluster,
                    people=options.people,
                    count=options.faults,
                    seed=options.seed,
                    faults=[one for one in NETWORK_FAULTS if options.only in one.__name__],
                )
            )
    finally:
        if cluster is not None:
            cluster.end()
        if postgres is not None:
            postgres.stop()
        networks.end()
        if cluster is not None and options.keep:
            shutil.copytree(cluster.folder, options.keep)
        if cluster is not None:
            cluster.remove()


def main(arguments: list[str]) -> int:
    """Run it; 0 when nothing was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=len(NETWORK_FAULTS))
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose name has this in it")
    parser.add_argument("--keep", type=Path, help="a new folder where all is left behind")
    options = parser.parse_args(arguments)
    if not CROSSBAR:
        parser.error("PYTLAS_WAMP_CROSSBAR names no program")
    missing = can_have_networks()
    if missing is not None:
        parser.error(missing)
    print(f"{options.faults} faults, {options.people} people with {DEVICES} devices each, ", end="")
    print(f"seed {options.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    began = time.monotonic()
    finding = run(options)
    print("\n".join(finding.report()))
    print(f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}, seed {options.seed}")
    return 1 if finding.verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
