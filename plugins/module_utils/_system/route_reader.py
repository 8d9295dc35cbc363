"""Reads the host's routes, rules and addresses, each by one call of `ip`. Changes nothing."""

from __future__ import annotations

from .._controls.egress.ranges import Surroundings
from .._controls.names import DOCKER_SOCKET
from .._formats.docker_objects import network_subnets
from .._formats.ip_route import parse_addresses, parse_route_list, parse_rules
from .._formats.proc_net import parse_routes
from .commands import run_command
from .docker_api import DockerApi
from .outside import Outside
from .programs import find_program
from .reading import Reader

# `ip` ends with 2 when the kernel refuses: it has no way to an address, or no rules at all.
_MAY_HAVE_NONE = (0, 2)


class RouteReader:
    """The network of this machine. Where iproute2 is not installed yet, the main table is all that can be seen."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self, session_address: str) -> Surroundings:
        """`session_address`: one of the range; empty where none is asked for. Docker's networks are not in it."""
        if find_program("ip") is None:
            return Surroundings(parse_routes(Reader(self._outside).text("/proc/net/route")))
        chosen = _ip("route", "get", "fibmatch", session_address, accept=_MAY_HAVE_NONE) if session_address else ""
        return Surroundings(
            parse_route_list(_ip("route", "show", "table", "all")),
            parse_rules(_ip("rule", "show", accept=_MAY_HAVE_NONE)),
            parse_addresses(_ip("address", "show")),
            next(iter(parse_route_list(chosen)), None),
        )

    def networks(self) -> dict[str, tuple[str, ...]]:
        """Those of Docker, name to subnets; none where it does not run: who knocks at its socket starts it."""
        if run_command(("systemctl", "is-active", "docker.service"), accept=(0, 3, 4)).status:
            return {}
        found = DockerApi(self._outside.path(DOCKER_SOCKET)).get("/networks")
        return {network["Name"]: network_subnets(network) for network in found}


def _ip(*command: str, accept: tuple[int, ...] = (0,)) -> str:
    result = run_command(("ip", "-4", "-json", *command), accept=accept)
    return "" if result.status else result.out
