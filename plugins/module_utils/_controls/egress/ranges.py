"""Whether the sessions' range of addresses is free on a host. Pure: routes, rules and networks in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv4Network
from itertools import islice

from ..._formats.ip_route import EVERYWHERE, Address, Rule
from ..._formats.proc_net import MAIN, Route
from ..names import BRIDGE, PORT_PREFIX
from ..problem import Problem
from .policy import DOCKER_BRIDGE, SESSION_SPACE

_OWN_BRIDGES = (BRIDGE, DOCKER_BRIDGE)
# Routes to anything, and halves of them as VPNs set them: what is more specific is asked first, and ours is.
_DEFAULT_LIKE = 7
# Not where packets go, or what the interface's own route says already.
_NO_WAY = ("throw", "broadcast", "anycast", "multicast")
_NOWHERE = ("blackhole", "unreachable", "prohibit")
# Of each /16 of private space so many are tried when one is proposed.
_TRIED = 4
_LOCAL = "local"


@dataclass(frozen=True)
class Surroundings:
    """What of a host's network can be in the way of a range. `chosen`: the route by which the kernel now sends to it.

    `networks`: others' of Docker, name to subnets.
    """

    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    addresses: tuple[Address, ...] = ()
    chosen: Route | None = None
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Finding:
    text: str
    rule: int = 0


def find_taken_range(there: Surroundings, subnet: IPv4Network) -> Iterator[Problem]:
    """What uses the range, or would take it away from the sessions' bridge; with a way out that this host has."""
    found = tuple(_find(there, subnet))
    if not found:
        return
    free = _find_free(there, subnet)
    for finding in found:
        yield Problem(
            f"range {subnet}", finding.text, "a free range", _way_out(finding, subnet, free), spares_working_hosts=True
        )


def _way_out(finding: _Finding, subnet: IPv4Network, free: IPv4Network | None) -> str:
    if free is not None:
        return f"set sandbox_egress_subnet to a range such as {free}, and sandbox_egress_gateway to {free[1]}"
    if finding.rule > 1:
        return f"let the range be looked up before: ip rule add to {subnet} lookup {MAIN} priority {finding.rule - 1}"
    return f"take it away: no other range of /{subnet.prefixlen} is free on this host"


def _find_free(there: Surroundings, subnet: IPv4Network) -> IPv4Network | None:
    size, others = subnet.prefixlen, Surroundings(there.routes, there.rules, there.addresses, None, there.networks)
    blocks = [block for space in SESSION_SPACE for block in space.subnets(new_prefix=16)]
    # From where it was wanted on: what comes first in private space is what everybody takes.
    start = next(place for place, block in enumerate(blocks) if subnet.subnet_of(block))
    tried = (*blocks[start:], *blocks[:start])
    candidates = (candidate for block in tried for candidate in islice(block.subnets(new_prefix=size), _TRIED))
    return next((free for free in candidates if free != subnet and not any(_find(others, free))), None)


def _find(there: Surroundings, subnet: IPv4Network) -> Iterator[_Finding]:
    told = [route for route in there.routes if _uses(route, subnet) and not _is_thrown(route, there.routes, subnet)]
    yield from _find_users(there, subnet, told)
    yield from _find_thieves(there, subnet, told)
    for name, others in there.networks.items():
        yield from (_Finding(f"Docker's network {name} has {other}") for other in others if _is_in(other, subnet))


def _find_users(there: Surroundings, subnet: IPv4Network, told: list[Route]) -> Iterator[_Finding]:
    """Each interface once: its routes, its address and the kernel's choice say the same."""
    ways = [(route.device, _describe(route)) for route in told if route.table != _LOCAL]
    ways += [
        (address.device, f"an address in {address.network} on {address.device}")
        for address in there.addresses
        if address.network.overlaps(subnet) and not _is_ours(address.device)
    ]
    ways += [(route.device, _describe(route)) for route in told if route.table == _LOCAL]
    if there.chosen and _uses(there.chosen, subnet):
        ways.append((there.chosen.device, f"packets to it go by {_describe(there.chosen)}"))
    seen: set[str] = set()
    for device, text in ways:
        if device not in seen or not device:
            seen.add(device)
            yield _Finding(text)


def _is_in(text: str, subnet: IPv4Network) -> bool:
    """Docker takes a network with host bits in it; one without a driver for addresses has 0.0.0.0/0, and uses none."""
    if ":" in text:
        return False
    try:
        network = IPv4Interface(text).network
    except ValueError:
        return False  # a driver's own words; it takes no addresses
    return network.prefixlen > 0 and network.overlaps(subnet)


def _is_ours(device: str) -> bool:
    return device in _OWN_BRIDGES or device.startswith(PORT_PREFIX)


def _uses(route: Route, subnet: IPv4Network) -> bool:
    if _is_ours(route.device) or route.kind in _NO_WAY or not route.network.overlaps(subnet):
        return False
    if route.kind in _NOWHERE:
        return route.table == MAIN and route.network.prefixlen >= subnet.prefixlen
    return route.network.prefixlen > _DEFAULT_LIKE


def _describe(route: Route) -> str:
    kind = f"{route.kind} route" if route.kind in _NOWHERE else "route"
    where = "" if route.table == MAIN else f" in table {route.table}"
    return f"a {kind} to {route.network}{f' by {route.device}' if route.device else ''}{where}"


def _find_thieves(there: Surroundings, subnet: IPv4Network, told: list[Route]) -> Iterator[_Finding]:
    """Rules that are asked before the table in which the bridge's route will stand, and that have another answer."""
    next_asked = 0
    for rule in there.rules:
        if rule.priority < next_asked or not _may_match(rule, subnet):
            continue
        if _leads_to_ours(rule, subnet):
            return
        goal = _goal(rule, there.rules)
        if goal and _passes_over_ours(goal, there.rules, subnet):
            yield _Finding(f"rule {rule.priority} ({rule.action}), past the table {MAIN}", rule.priority)
            if _is_for_all(rule, subnet):
                return
        elif goal and _is_for_all(rule, subnet):
            next_asked = goal
        yield from _find_others_answers(rule, there, subnet, told)
    if there.rules:
        yield _Finding(f"no rule for it that leads to the table {MAIN}")


def _find_others_answers(rule: Rule, there: Surroundings, subnet: IPv4Network, told: list[Route]) -> Iterator[_Finding]:
    name = f"rule {rule.priority}"
    if rule.action in _NOWHERE:
        yield _Finding(f"{name} ({rule.action})", rule.priority)
    elif rule.table != MAIN:
        stolen = (route for route in _answers(rule, there.routes, subnet) if route not in told)
        yield from (_Finding(f"{name} with {_describe(route)}", rule.priority) for route in stolen)


def _may_match(rule: Rule, subnet: IPv4Network) -> bool:
    """Packets between the gateway and a session; both are in the range."""
    if rule.is_inverted:
        is_all_of_it = subnet.subnet_of(rule.source) and subnet.subnet_of(rule.target)
        return rule.is_narrow or rule.is_partial or not is_all_of_it
    return not rule.is_narrow and rule.source.overlaps(subnet) and rule.target.overlaps(subnet)


def _leads_to_ours(rule: Rule, subnet: IPv4Network) -> bool:
    """To the table in which the bridge's route will stand, and to that route in it."""
    return _is_for_all(rule, subnet) and rule.table == MAIN and rule.keeps <= subnet.prefixlen


def _is_for_all(rule: Rule, subnet: IPv4Network) -> bool:
    """All packets to the range, also those whose source is not chosen yet."""
    is_for_all = rule.source == EVERYWHERE and subnet.subnet_of(rule.target)
    return is_for_all and not (rule.is_narrow or rule.is_partial or rule.is_inverted)


def _goal(rule: Rule, rules: tuple[Rule, ...]) -> int | None:
    """The priority at which the kernel goes on after a goto. One to a rule that is not there it passes over."""
    goal = int(rule.action.split()[1]) if rule.action.startswith("goto ") else 0
    return goal if any(other.priority == goal for other in rules) and goal > rule.priority else None


def _passes_over_ours(goal: int, rules: tuple[Rule, ...], subnet: IPv4Network) -> bool:
    return not any(other.priority >= goal and _leads_to_ours(other, subnet) for other in rules)


def _answers(rule: Rule, routes: tuple[Route, ...], subnet: IPv4Network) -> Iterator[Route]:
    """What its table has for the range. Of what a `throw` route covers, the next rule is asked."""
    for route in routes:
        is_asked = route.table == rule.table and route.network.prefixlen >= rule.keeps and route.kind not in _NO_WAY
        is_others = not _is_ours(route.device) and not _is_thrown(route, routes, subnet)
        if is_asked and is_others and route.network.overlaps(subnet):
            yield route


def _is_thrown(route: Route, routes: tuple[Route, ...], subnet: IPv4Network) -> bool:
    """Whether its table has a more specific `throw` route for all of the range."""
    return any(
        other.kind == "throw" and other.table == route.table and subnet.subnet_of(other.network)
        for other in routes
        if other.network.prefixlen >= route.network.prefixlen
    )
