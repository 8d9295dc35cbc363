"""What the control `egress` asks of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from ..._formats.proc_net import Listener
from ..._formats.subids import IdRange
from ..names import BRIDGE
from ..preflight.asked import Asked
from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem
from .policy import DOCKER_NETWORK
from .ranges import Surroundings, find_taken_range
from .units import PROXY_USER

GATEWAY_PORTS = {"tcp": (53, 443), "udp": (53,)}


def ask(needs: Needs) -> Asked:
    """Of the range any address does: its last one."""
    subnet = IPv4Network(needs.text("sandbox_egress_subnet"))
    return Asked((needs.integer("sandbox_egress_proxy_uid"),), address=str(subnet[-2]))


def find_problems(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    yield from find_taken_range(_surroundings(facts), IPv4Network(needs.text("sandbox_egress_subnet")))
    yield from _in_place_of_ours(facts)
    for listener in facts.listeners:
        if takes_gateway(listener):
            yield Problem(
                f"port {listener.port}/{listener.protocol[:3]}",
                f"{listener.program or 'a program'} listens on every address",
                "free on the gateway's address",
                f"bind {listener.program or 'it'} to the addresses that it is meant for",
            )
    yield from _in_ids(facts, needs)


def _surroundings(facts: HostFacts) -> Surroundings:
    others = {
        name: subnets
        for name, subnets in facts.docker.networks.items()
        if not (name == DOCKER_NETWORK and facts.has_docker_network)
    }
    return Surroundings(facts.routes, facts.rules, facts.addresses, facts.chosen_route, others)


def _in_place_of_ours(facts: HostFacts) -> Iterator[Problem]:
    """What would keep the sessions' bridge from being made, or release 0.1.0's network from being replaced by it."""
    if facts.has_docker_network and facts.docker.sessions:
        yield Problem(
            "sessions' network, made by release 0.1.0",
            f"open sessions {', '.join(facts.docker.sessions)}",
            "none, because it is replaced",
            "wait for their end, or end them: systemctl stop 'ably-sandbox-session@*'",
        )
    if facts.has_docker_network and facts.docker.beside_sessions:
        yield Problem(
            f"Docker's network {DOCKER_NETWORK}, made by release 0.1.0",
            f"containers {', '.join(facts.docker.beside_sessions)} on it",
            "none but sessions, because it is replaced",
            "disconnect them, or stop them",
        )
    if facts.gateway_kind not in ("", "bridge"):
        yield Problem(f"interface {BRIDGE}", "one that is no bridge", "none of this name", "remove it, or rename it")


def takes_gateway(listener: Listener) -> bool:
    """A socket on every address also takes the gateway's, which does not exist yet when it is bound."""
    return listener.is_wildcard and listener.port in GATEWAY_PORTS[listener.protocol[:3]]


def _in_ids(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    uid = needs.integer("sandbox_egress_proxy_uid")
    if uid in needs.session_uids:
        next_step = "choose another sandbox_egress_proxy_uid"
        yield Problem(f"gateway's id {uid}", "one of the sessions' ids", "an id of its own", next_step)
    yield from find_taken_uid(facts.ids, uid)


def find_taken_uid(ids: Sequence[IdRange], uid: int) -> Iterator[Problem]:
    what, next_step = f"gateway's id {uid}", "choose another sandbox_egress_proxy_uid"
    for taken in ids:
        if taken.overlaps(uid, 1) and taken.name != PROXY_USER:
            spares = not taken.is_in_table
            yield Problem(what, str(taken), "an id of nobody", next_step, spares_working_hosts=spares)
