"""A network of its own for each part of a cluster: hosts, as far as they can tell."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field
from cluster_switch import inside
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IP = shutil.which("ip") or "ip"
# Of a range that is for tests of networks, and that no host outside has.
SUBNET = "198.18.77.0/24"


def can_have_networks() -> str | None:
    """What is missing for it here; None when nothing is."""
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    if shutil.which("ip") is None:
        return "there is no program `ip`"
    if not Path("/dev/net/tun").exists():
        return "the kernel has no TUN devices"
    return None


@define(eq=False)
class Networks:
    """Hosts on one switch.

    Args:
      names: of the hosts.
      seed: decides which packets are lost.
    """

    names: list[str]
    seed: int
    _switch: subprocess.Popen | None = field(init=False, default=None)
    _made: list[str] = field(init=False, factory=list)

    def begin(self) -> None:
        """Make them all."""
        for name in self.names:
            _ip("netns", "add", self._namespace(name))
            self._made.append(name)
        hosts = [f"{name}={self._namespace(name)}={self.address(name)}" for name in self.names]
        self._switch = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, Path(__file__).with_name("cluster_switch.py"), str(self.seed), *hosts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._switch.stdout.readline() == b"ready\n"
        for name in self.names:
            there = ("-n", self._namespace(name))
            _ip(*there, "address", "add", f"{self.address(name)}/24", "dev", "eth0")
            _ip(*there, "link", "set", "eth0", "up")
            _ip(*there, "link", "set", "lo", "up")

    def end(self) -> None:
        """Leave nothing behind."""
        if self._switch is not None:
            self._switch.stdin.close()
            self._switch.stdout.close()
            self._switch.wait(10)
        for name in self._made:
            _ip("netns", "delete", self._namespace(name))

    def _namespace(self, name: str) -> str:
        return f"pytlas-{os.getpid()}-{name}"

    def address(self, name: str) -> str:
        """Of a host."""
        return str(ipaddress.ip_network(SUBNET)[1 + self.names.index(name)])

    def inside(self, name: str) -> AbstractContextManager[None]:
        """Have this thread, and what it starts, be a host."""
        return inside(self._namespace(name))

    def make(self, name: str, **quality: float) -> None:
        """Change what the cable of a host is like: `loss`, `delay` in seconds, `cut`."""
        order = json.dumps({"host": name, **quality})
        self._switch.stdin.write(f"{order}\n".encode())
        self._switch.stdin.flush()

    def plug(self, name: str, *, out: bool) -> None:
        """Pull the plug, which the host notices, or put it in again."""
        _ip("-n", self._namespace(name), "link", "set", "eth0", "down" if out else "up")


def _ip(*words: str) -> None:
    subprocess.run([IP, *words], check=True)  # noqa: S603 - a program of the system


def write_certificate(address: str, certificate: Path, key: Path) -> None:
    """Write a certificate that an address has made for itself, and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "router of a test")])
    now = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    key.chmod(0o600)
