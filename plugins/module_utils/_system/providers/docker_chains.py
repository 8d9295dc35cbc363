"""Docker's own packet filter chains. A `flush ruleset` takes them along, and Docker makes them only when it starts.

Without them Docker cannot make a network, and what it isolates is not isolated. A repair is nothing to take back.
"""

from __future__ import annotations

import json

from ..._controls.docker.control import DAEMON_JSON
from ..._engine.states import State
from ..._engine.steps import Change
from ..._formats.resource_facts import DockerChainsFacts
from ..commands import run_command
from ..programs import find_program
from ..systemd import Systemd
from .provider import PlainProvider

# Every Docker from 17.06 on makes this one, whatever else it makes.
_CHAIN = "DOCKER-USER"
_DOCKER = "docker.service"


class DockerChainsProvider(PlainProvider):
    """name: host. facts: DockerChainsFacts."""

    def observe(self, name: str) -> State:
        del name
        return DockerChainsFacts(not self._are_wanted() or self._are_there()).state

    def swap_one(self, change: Change) -> None:
        """Docker makes its chains again when it starts; `live-restore` keeps containers running meanwhile."""
        del change
        systemd = Systemd(self._outside)
        systemd.run("restart", "--", _DOCKER)
        systemd.wait_active(_DOCKER)

    def _are_wanted(self) -> bool:
        if find_program("iptables") is None:
            return False
        if Systemd(self._outside).show(_DOCKER, "ActiveState")["ActiveState"] != "active":
            return False
        try:
            with open(self._outside.path(DAEMON_JSON), encoding="utf-8") as file:
                config = json.load(file)
        except FileNotFoundError:
            return True
        except ValueError:
            # The key's own kind says so, with the line.
            return False
        return config.get("iptables") is not False and config.get("firewall-backend") != "nftables"

    @staticmethod
    def _are_there() -> bool:
        result = run_command(("iptables", "--wait", "10", "--list-rules", _CHAIN), accept=(0, 1, 4))
        return result.status == 0
