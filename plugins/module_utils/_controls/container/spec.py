"""What a session's container must be, assembled from the fragments that the controls drop into `container.d`.

Composition: lists and tables add up; a scalar may be given again only when it gets tighter; whatever would loosen
what an earlier fragment said is refused, with the key, both values and both fragments. There are no defaults for
what protects: a host where a fragment is missing opens no sessions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Callable, NamedTuple

from ..._engine.errors import SandboxError
from ..egress import fields as network
from ..egress.fields import Network, NftTable
from ..egress.link import SessionLink, link_of
from . import fields as read
from .fields import AppArmor, Bind, FieldError, Home, HomeVolume, KernelRules, Seccomp, Tmpfs, Userns

_FRAGMENT = re.compile(r"^[0-9]{2}-[a-z0-9-]+\.json$")
_ULIMITS = ("nofile", "core", "fsize")
# The container's uid must stay below what a remapped block of 65536 ids can hold.
_LAST_UID = 65535


class SpecError(SandboxError):
    """The fragments do not make a specification."""


class LooseningError(SpecError):
    """A fragment would take back what an earlier one granted."""


@dataclass(frozen=True)
class SessionSpec:
    """One session's container, whoever it is for. Sizes in bytes, processors in billionths.

    `uid_base` and `sessions`: session n runs as uid and gid `uid_base + n`, for n below `sessions`.
    `client_env`: the variables that a client may hand in. `any_command`: the client may name its own command.
    """

    image: str
    sessions: int
    uid_base: int
    read_only_root: bool
    no_new_privileges: bool
    capabilities: tuple[str, ...]
    tmpfs: Mapping[str, Tmpfs]
    home: Home
    home_directory: str
    pids: int
    memory: int
    nano_cpus: int
    ulimits: Mapping[str, int]
    shm_size: int
    network: Network
    nft_tables: tuple[NftTable, ...]
    command: tuple[str, ...] = ("ably", "interactive")
    any_command: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    client_env: tuple[str, ...] = ()
    binds: tuple[Bind, ...] = ()
    pause_program: str = "/usr/bin/catatonit"
    runtime: str | None = None
    seccomp: Seccomp | None = None
    apparmor: AppArmor | None = None
    userns: Userns | None = None
    kernel: KernelRules | None = None

    @property
    def data_directory(self) -> str:
        """Where the command line keeps what it writes: the one folder of the person's own."""
        return f"{self.home_directory}/.ably"

    @property
    def uids(self) -> range:
        """Those of all places, as the container sees them."""
        return range(self.uid_base, self.uid_base + self.sessions)

    def uid(self, slot: int) -> int:
        """The uid and gid of the session in this slot, as the container sees it."""
        return self.uid_base + slot

    def link(self, slot: int) -> SessionLink:
        """The session's link to the gateway."""
        return link_of(slot, self.network.subnet, self.network.gateway)

    def host_uid(self, slot: int) -> int:
        """The same id as the host's kernel sees it, in audit records for instance."""
        return self.uid(slot) + (self.userns.first_id if self.userns else 0)


class _Given(NamedTuple):
    """What a fragment says about one key."""

    key: str
    value: Any
    fragment: str


_Combine = Callable[[_Given, _Given], object]


def _loosens(old: _Given, new: _Given, key: str, old_value: object, new_value: object) -> LooseningError:
    return LooseningError(
        f"{new.fragment} loosens {key}: {old.fragment} says {old_value!r}, {new.fragment} says {new_value!r}",
        "a fragment may only make the specification tighter; correct the later one",
    )


def _once(old: _Given, new: _Given) -> object:
    """Neither of two different values is the tighter one, so both cannot stand."""
    if old.value != new.value:
        raise _loosens(old, new, new.key, old.value, new.value)
    return old.value


def _at_most(old: _Given, new: _Given) -> object:
    if new.value > old.value:
        raise _loosens(old, new, new.key, old.value, new.value)
    return new.value


def _subset(old: _Given, new: _Given) -> object:
    """For permissions: a later fragment may strike names out."""
    if not set(new.value) <= set(old.value):
        raise _loosens(old, new, new.key, list(old.value), list(new.value))
    return new.value


def _add_items(old: _Given, new: _Given) -> tuple[Any, ...]:
    return (*old.value, *(item for item in new.value if item not in old.value))


def _add_binds(old: _Given, new: _Given) -> tuple[Any, ...]:
    there = {bind.target: bind.source for bind in old.value}
    for bind in new.value:
        if there.get(bind.target, bind.source) != bind.source:
            raise _loosens(old, new, f"binds {bind.target}", there[bind.target], bind.source)
    return _add_items(old, new)


def _add_entries(old: _Given, new: _Given) -> dict[str, Any]:
    for name in sorted(set(old.value) & set(new.value)):
        if old.value[name] != new.value[name]:
            raise _loosens(old, new, f"{new.key}.{name}", old.value[name], new.value[name])
    return {**old.value, **new.value}


def _add_or_lower(old: _Given, new: _Given) -> dict[str, Any]:
    for name in sorted(set(old.value) & set(new.value)):
        if new.value[name] > old.value[name]:
            raise _loosens(old, new, f"{new.key}.{name}", old.value[name], new.value[name])
    return {**old.value, **new.value}


def _add_or_shrink(old: _Given, new: _Given) -> dict[str, Any]:
    for name in sorted(set(old.value) & set(new.value)):
        before, after = old.value[name], new.value[name]
        if after.size > before.size or after.mode & ~before.mode:
            raise _loosens(old, new, f"tmpfs.{name}", before, after)
    return {**old.value, **new.value}


def _no_capabilities(key: str, raw: object) -> tuple[str, ...]:
    if read.read_list(key, raw, read.read_text):
        raise FieldError(f"{key}: expected [], found {raw!r}; a session has no capabilities")
    return ()


def _read_env(key: str, raw: object) -> dict[str, str]:
    return {
        read.read_env_name(key, name): read.read_text(f"{key}.{name}", value)
        for name, value in read.read_table(key, raw).items()
    }


def _read_ulimits(key: str, raw: object) -> dict[str, int]:
    table = read.read_record(key, raw, (), _ULIMITS)
    return {name: read.read_size_or_zero(f"{key}.{name}", value) for name, value in table.items()}


def _read_tmpfs_table(key: str, raw: object) -> dict[str, Tmpfs]:
    return {
        read.read_path(key, target): read.read_tmpfs(f"{key}.{target}", value)
        for target, value in read.read_table(key, raw).items()
    }


def _list_of(item: Callable[[str, object], object]) -> Callable[[str, object], object]:
    return lambda key, raw: read.read_list(key, raw, item)


@dataclass(frozen=True)
class _Rule:
    """How one key is read, and what happens when two fragments give it. `name` is SessionSpec's field."""

    name: str
    parse: Callable[[str, object], object]
    combine: _Combine


_RULES: dict[str, _Rule] = {
    "image": _Rule("image", read.read_text, _once),
    "sessions": _Rule("sessions", read.read_count, _at_most),
    "uid_base": _Rule("uid_base", read.read_count, _once),
    "read_only_root": _Rule("read_only_root", read.read_true, _once),
    "no_new_privileges": _Rule("no_new_privileges", read.read_true, _once),
    "capabilities": _Rule("capabilities", _no_capabilities, _once),
    "tmpfs": _Rule("tmpfs", _read_tmpfs_table, _add_or_shrink),
    "home": _Rule("home", read.read_home, _once),
    "home_directory": _Rule("home_directory", read.read_path, _once),
    "pids": _Rule("pids", read.read_count, _at_most),
    "memory": _Rule("memory", read.read_size, _at_most),
    "cpus": _Rule("nano_cpus", read.read_nano_cpus, _at_most),
    "ulimits": _Rule("ulimits", _read_ulimits, _add_or_lower),
    "shm_size": _Rule("shm_size", read.read_size, _at_most),
    "network": _Rule("network", network.read_network, _once),
    "nft_tables": _Rule("nft_tables", _list_of(network.read_nft_table), _add_items),
    "command": _Rule("command", read.read_command, _once),
    "any_command": _Rule("any_command", read.read_flag, _at_most),
    "env": _Rule("env", _read_env, _add_entries),
    "client_env": _Rule("client_env", _list_of(read.read_env_name), _subset),
    "binds": _Rule("binds", _list_of(read.read_bind), _add_binds),
    "pause_program": _Rule("pause_program", read.read_path, _once),
    "runtime": _Rule("runtime", read.read_name, _once),
    "seccomp": _Rule("seccomp", read.read_seccomp, _once),
    "apparmor": _Rule("apparmor", read.read_apparmor, _once),
    "userns": _Rule("userns", read.read_userns, _once),
    "kernel": _Rule("kernel", read.read_kernel, _once),
}


def parse_fragments(texts: Mapping[str, str]) -> SessionSpec:
    """The specification that these fragments (file name to JSON text) make, in the order of their names."""
    given: dict[str, _Given] = {}
    for fragment in sorted(texts):
        for said in read_fragment(fragment, texts[fragment]):
            before = given.get(said.key)
            value = said.value if before is None else _RULES[said.key].combine(before, said)
            given[said.key] = said._replace(value=value)
    return _checked(_assemble(given))


def read_fragment(fragment: str, text: str) -> list[_Given]:
    """What one fragment gives. Raises SpecError with the file, the key, what was expected and what was there."""
    if not _FRAGMENT.match(fragment):
        raise SpecError(f"{fragment}: a fragment's file name is NN-name.json")
    try:
        table = json.loads(text)
    except ValueError as error:
        raise SpecError(f"{fragment}: not JSON: {error}") from error
    if not isinstance(table, dict):
        raise SpecError(f"{fragment}: expected a JSON object, found {table!r}")
    unknown = sorted(set(table) - set(_RULES))
    if unknown:
        raise SpecError(f"{fragment}: unknown key {unknown[0]!r}; known: {', '.join(sorted(_RULES))}")
    try:
        return [_Given(key, _RULES[key].parse(key, raw), fragment) for key, raw in table.items()]
    except FieldError as error:
        raise SpecError(f"{fragment}: {error}") from error


def _assemble(given: Mapping[str, _Given]) -> SessionSpec:
    essential = {item.name for item in fields(SessionSpec) if item.default is item.default_factory is MISSING}
    missing = sorted(key for key, rule in _RULES.items() if rule.name in essential and key not in given)
    if missing:
        raise SpecError(
            f"no fragment gives {', '.join(missing)}",
            "a fragment of container.d is missing; run the playbook again",
        )
    return SessionSpec(**{_RULES[key].name: said.value for key, said in given.items()})


def _checked(spec: SessionSpec) -> SessionSpec:
    """What no single key can show."""
    missing = [name for name in _ULIMITS if name not in spec.ulimits]
    if missing:
        raise SpecError(f"ulimits.{missing[0]}: missing")
    if not spec.nft_tables:
        raise SpecError("nft_tables: expected at least one table that must be in the kernel, found []")
    if spec.uid_base + spec.sessions - 1 > _LAST_UID:
        raise SpecError(f"uid_base: {spec.sessions} sessions from {spec.uid_base} reach past {_LAST_UID}")
    if isinstance(spec.home, HomeVolume) and spec.sessions != 1:
        raise SpecError(
            f"home.volume: expected sessions to be 1, found {spec.sessions}",
            "each session has a user id of its own, and could not read what another one has kept",
        )
    if spec.data_directory in spec.tmpfs:
        raise SpecError(f"tmpfs.{spec.data_directory}: the home has this place; say it in 'home'")
    return spec
