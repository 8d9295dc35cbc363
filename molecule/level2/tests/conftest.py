"""The machine at level 1 and then at level 2, brought there once for all of this scenario's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.host import LEVEL_2, Host
from support.planned import reach
from support.provision import bring_to_level_1
from support.session import LongSession


@pytest.fixture(scope="session")
def level1(machine: Host, before: dict[str, object]) -> Host:
    """At level 1, with a container of somebody else's that does not run."""
    assert before
    bring_to_level_1(machine)
    machine.out("docker create --name theirs ably-sandbox/lab:1")
    return machine


@pytest.fixture(scope="session")
def at_level1(level1: Host) -> dict[str, object]:
    """Docker has restarted once: it then adds its rules in another order than when it met its networks one by one."""
    level1.out("systemctl restart docker")
    return level1.fingerprint()


@pytest.fixture(scope="session")
def way_up(at_level1: dict[str, object]) -> set[str]:
    """The resources that the play from level 1 to level 2 has changed."""
    assert at_level1
    return reach(LEVEL_2)


@pytest.fixture(scope="session")
def level2(level1: Host, way_up: set[str]) -> Host:
    assert way_up
    return level1


@pytest.fixture(scope="session")
def long_session(level2: Host) -> Iterator[LongSession]:
    """A session that is open from the first test at level 2 on, with traffic all the while."""
    with LongSession(level2) as session:
        yield session
