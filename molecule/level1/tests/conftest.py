"""The machine at level 1, brought there once for all of this scenario's tests: by the lines of the quick start."""

from __future__ import annotations

import pytest
from support.host import LEVEL_1, Host
from support.newcomer import Newcomer
from support.provision import provision_level_1


@pytest.fixture(scope="session")
def newcomer(machine: Host, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    return Newcomer(machine, tmp_path_factory.mktemp("home"), LEVEL_1)


@pytest.fixture(scope="session")
def level1(machine: Host, before: dict[str, object], newcomer: Newcomer) -> Host:
    assert before
    newcomer.does("install")
    provision_level_1(machine, lambda: newcomer.does("level 1"))
    return machine
