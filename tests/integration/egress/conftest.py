"""One world for all tests; before each test the filter is loaded anew, which also sets its counters to zero."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ansible_collections.ably.sandbox.tests.integration.egress.world import ALLOWED, GATEWAY, World, build_world

NEEDED = ("nft", "dnsmasq", "haproxy", "openssl", "ip", "setpriv", "unshare")


def wait_until_ready(world: World, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    answer: object = None
    while time.monotonic() < deadline:
        if world.attack("s1", "dns", GATEWAY, "rest.ably.io", "1")["result"]["answered"]:
            answer = world.attack("s1", "tls", GATEWAY, "443", "rest.ably.io")
            if answer == {"result": f"reached {ALLOWED} GET"}:
                return
        time.sleep(0.2)
    raise AssertionError(f"the gateway does not work: {answer}\n{world.log('dns')}\n{world.log('proxy')}")


@contextmanager
def make_open_folder() -> Iterator[Path]:
    """A folder that the daemons' users can read in. Those of pytest are closed to them, again at each of its starts."""
    with TemporaryDirectory(prefix="ably-egress-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def running() -> Iterator[World]:
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing or NEEDED)}")
    with make_open_folder() as scratch, build_world(scratch) as world:
        wait_until_ready(world)
        yield world


@pytest.fixture
def world(running: World) -> World:
    running.load_filter()
    running.pass_bridged_to_ip(0)
    os.truncate(running.scratch / "proxy.log", 0)
    return running
