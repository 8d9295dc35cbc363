"""Bridges of the host's network."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..._engine.errors import RefusedError
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.resource_facts import BridgeFacts, facts_of
from ..commands import run_command
from ..programs import find_program
from .provider import PlainProvider

_NO_SUCH_DEVICE = 1
_BRIDGE = "bridge"
# Where the kernel has no IPv6 there is no address that could be forgone.
_NO_IPV6 = (0, 1, 2)


class BridgeProvider(PlainProvider):
    """name: the interface's. facts: BridgeFacts."""

    def observe(self, name: str) -> State:
        found = _find(name)
        return ABSENT if found is None else found.state

    def rehearse(self, change: Change) -> None:
        """Others' interfaces of another type cannot be brought back."""
        there = facts_of(BridgeFacts, change.before)
        if there is not None and there.type not in (None, _BRIDGE):
            raise RefusedError(
                f"interface {change.resource.name}: is of type {there.type}, expected none, or a bridge", "rename it"
            )

    def swap_one(self, change: Change) -> None:
        name = change.resource.name
        for command in plan_commands(name, _find(name), facts_of(BridgeFacts, change.after)):
            self._outside.run(("ip", *command), accept=_NO_IPV6 if "addrgenmode" in command else (0,))


def plan_commands(name: str, before: BridgeFacts | None, after: BridgeFacts | None) -> Iterator[tuple[str, ...]]:
    """The calls of `ip`, without the program's name."""
    if after is None:
        if before is not None:
            yield ("link", "delete", name)
        return
    if before is None:
        yield ("link", "add", name, "address", after.mac, "type", _BRIDGE, "mcast_snooping", "0")
        yield ("link", "set", name, "addrgenmode", "none")
    elif before.mac != after.mac:
        yield ("link", "set", name, "address", after.mac)
    there = before.addresses if before else ()
    yield from (("address", "delete", address, "dev", name) for address in there if address not in after.addresses)
    yield from (("address", "add", address, "dev", name) for address in after.addresses if address not in there)
    if (before is not None and before.up) != after.up:
        yield ("link", "set", name, "up" if after.up else "down")


def _find(name: str) -> BridgeFacts | None:
    """None also where iproute2 is not installed yet."""
    if find_program("ip") is None:
        return None
    command = ("ip", "-json", "-details", "address", "show", "dev", name)
    result = run_command(command, accept=(0, _NO_SUCH_DEVICE))
    return None if result.status else _parse(json.loads(result.out)[0])


def _parse(found: dict[str, object]) -> BridgeFacts:
    """From an entry of `ip -json -details address`, iproute2 6.1 and 6.15."""
    link, addresses = found.get("linkinfo"), found.get("addr_info")
    flags = found.get("flags")
    return BridgeFacts(
        mac=str(found["address"]),
        addresses=sorted(
            f"{entry['local']}/{entry['prefixlen']}"
            for entry in (addresses if isinstance(addresses, list) else ())
            if entry.get("family") == "inet"
        ),
        up=isinstance(flags, list) and "UP" in flags,
        type=str(link.get("info_kind", "none")) if isinstance(link, dict) else "none",
    )
