"""Two network namespaces: the outside world in one, a client with the lab's command line in the other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[3]
WORLD = REPO / "tests" / "world"
IMAGE = REPO / "tests" / "session_image"
PATIENCE_SECONDS = 20


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@dataclass(frozen=True)
class Client:
    """Runs programs in the client's namespace."""

    namespace: str
    environment: dict[str, str]
    program: Path
    log: Path

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        inside = ("ip", "netns", "exec", self.namespace, *command)
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            inside, input=stdin, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def lab_cli(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("node", str(self.program), *words, stdin=stdin)

    def node(self, source: str) -> subprocess.CompletedProcess[str]:
        return self.lab_cli("eval", "-", stdin=source)

    def events(self, service: str) -> list[dict[str, Any]]:
        entries = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [entry for entry in entries if entry["service"] == service]


@pytest.fixture(scope="session")
def lab_cli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's command line with its npm packages."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("cli") / "image"
    shutil.copytree(IMAGE, folder, ignore=shutil.ignore_patterns("node_modules"))
    command = ("npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return folder / "lab-cli.js"


@pytest.fixture(scope="session")
def namespaces() -> Iterator[tuple[str, str]]:
    """A pair of joined namespaces; the outside owns every address there is, the client routes all of them there."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nft"):
        pytest.skip("needs root, ip and nft")
    outside, client = f"lab-out-{os.getpid()}", f"lab-cli-{os.getpid()}"
    resolver = Path("/etc/netns") / client
    resolver.mkdir(parents=True)
    (resolver / "resolv.conf").write_text("nameserver 198.51.100.53\noptions timeout:2 attempts:1\n", encoding="utf-8")
    try:
        _join(outside, client)
        yield outside, client
    finally:
        shutil.rmtree(resolver)
        for name in (outside, client):
            subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True)


def _join(outside: str, client: str) -> None:
    run("ip", "netns", "add", outside)
    run("ip", "netns", "add", client)
    run("ip", "-n", outside, "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", client)
    for name in (outside, client):
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "link", "set", "veth0", "up")
    run("ip", "-n", client, "addr", "add", "198.51.100.1/24", "dev", "veth0")
    run("ip", "-n", client, "route", "add", "default", "via", "198.51.100.99")
    for last in ("10", "20", "53", "99"):
        run("ip", "-n", outside, "addr", "add", f"198.51.100.{last}/24", "dev", "veth0")
    run("ip", "-n", outside, "route", "add", "local", "0.0.0.0/0", "dev", "lo")


@pytest.fixture(scope="session")
def client(namespaces: tuple[str, str], lab_cli: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The world runs; what is returned is the client's side of it."""
    outside, inside = namespaces
    folder = tmp_path_factory.mktemp("world")
    ready, log, pki = folder / "ready", folder / "log" / "events.jsonl", folder / "pki"
    command = ("ip", "netns", "exec", outside, "python3", str(WORLD / "run"))
    options = ("--pki", str(pki), "--log", str(log), "--ready", str(ready))
    with (folder / "output").open("w+", encoding="utf-8") as output:
        world = subprocess.Popen((*command, *options), stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not ready.exists() and world.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            output.seek(0)
            assert ready.exists(), output.read()
            trust = {"NODE_EXTRA_CA_CERTS": str(pki / "lab-ca.pem"), "SSL_CERT_FILE": str(pki / "lab-ca.pem")}
            yield Client(inside, trust, lab_cli, log)
            assert world.poll() is None, "the world died"
        finally:
            world.terminate()
            world.wait(PATIENCE_SECONDS)
