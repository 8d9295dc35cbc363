"""Bridges of the host's network. Facts: `mac`, `addresses` (IPv4, with their prefix, sorted), `up`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..._engine.errors import RefusedError
from ..._engine.states import ABSENT, State, present
from ..._engine.steps import Change
from ..commands import run_command
from ..programs import find_program
from .provider import PlainProvider

_NO_SUCH_DEVICE = 1
_BRIDGE = "bridge"
# Where the kernel has no IPv6 there is no address that could be forgone.
_NO_IPV6 = (0, 1, 2)


class BridgeProvider(PlainProvider):
    """name: the interface's."""

    def observe(self, name: str) -> State:
        """Absent also where iproute2 is not installed yet."""
        if find_program("ip") is None:
            return ABSENT
        command = ("ip", "-json", "-details", "address", "show", "dev", name)
        result = run_command(command, accept=(0, _NO_SUCH_DEVICE))
        return ABSENT if result.status else _state_of(json.loads(result.out)[0])

    def rehearse(self, change: Change) -> None:
        """Others' interfaces of another type cannot be brought back."""
        kind = change.before.fact("type", _BRIDGE)
        if kind != _BRIDGE:
            raise RefusedError(
                f"interface {change.resource.name}: is of type {kind}, expected none, or a bridge", "rename it"
            )

    def swap_one(self, change: Change) -> None:
        for command in plan_commands(change.resource.name, self.observe(change.resource.name), change.after):
            self._outside.run(("ip", *command), accept=_NO_IPV6 if "addrgenmode" in command else (0,))


def plan_commands(name: str, before: State, after: State) -> Iterator[tuple[str, ...]]:
    """The calls of `ip`, without the program's name."""
    if after.is_absent:
        if not before.is_absent:
            yield ("link", "delete", name)
        return
    if before.is_absent:
        yield ("link", "add", name, "address", after.fact("mac"), "type", _BRIDGE, "mcast_snooping", "0")
        yield ("link", "set", name, "addrgenmode", "none")
    elif before.fact("mac") != after.fact("mac"):
        yield ("link", "set", name, "address", after.fact("mac"))
    there, wanted = before.fact("addresses", ()), after.fact("addresses", ())
    yield from (("address", "delete", address, "dev", name) for address in there if address not in wanted)
    yield from (("address", "add", address, "dev", name) for address in wanted if address not in there)
    if bool(before.fact("up")) != after.fact("up"):
        yield ("link", "set", name, "up" if after.fact("up") else "down")


def _state_of(found: dict[str, object]) -> State:
    """From an entry of `ip -json -details address`, iproute2 6.1 and 6.15."""
    link, addresses = found.get("linkinfo"), found.get("addr_info")
    flags = found.get("flags")
    return present(
        type=link.get("info_kind") if isinstance(link, dict) else "none",
        mac=found["address"],
        addresses=sorted(
            f"{entry['local']}/{entry['prefixlen']}"
            for entry in (addresses if isinstance(addresses, list) else ())
            if entry.get("family") == "inet"
        ),
        up=isinstance(flags, list) and "UP" in flags,
    )
