"""What a session's container must be, assembled from the fragments that the controls drop into `container.d`.

A fragment may only make it tighter: see `keys`. There are no defaults for what protects: a host where a fragment is
missing opens no sessions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import TypeVar

from ..egress.keys import Network, NftTable
from ..egress.link import SessionLink, link_of
from ..keys import Given, Key, SpecError
from ..userns.keys import Userns
from .fields import Bind, FieldError, Home, HomeVolume, Tmpfs
from .keys import ULIMITS

T = TypeVar("T")

_FRAGMENT = re.compile(r"^[0-9]{2}-[a-z0-9-]+\.json$")
# The container's uid must stay below what a remapped block of 65536 ids can hold.
_LAST_UID = 65535


@dataclass(frozen=True)
class SessionSpec:
    """One session's container, whoever it is for. Sizes in bytes, processors in billionths.

    `uid_base` and `sessions`: session n runs as uid and gid `uid_base + n`, for n below `sessions`.
    `client_env`: the variables that a client may hand in. `any_command`: the client may name its own command.
    `parts`: what further controls give, each a value of a type of its own.
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
    parts: tuple[object, ...] = ()

    def part(self, kind: type[T]) -> T | None:
        """What the control with values of this type gives, None where no fragment does."""
        return next((part for part in self.parts if isinstance(part, kind)), None)

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
        userns = self.part(Userns)
        return self.uid(slot) + (userns.first_id if userns else 0)


def parse_fragments(texts: Mapping[str, str], keys: Mapping[str, Key]) -> SessionSpec:
    """The specification that these fragments (file name to JSON text) make, in the order of their names."""
    given: dict[str, Given] = {}
    for fragment in sorted(texts):
        for said in read_fragment(fragment, texts[fragment], keys):
            before = given.get(said.key)
            value = said.value if before is None else keys[said.key].combine(before, said)
            given[said.key] = said._replace(value=value)
    return _checked(_assemble(given, keys))


def read_fragment(fragment: str, text: str, keys: Mapping[str, Key]) -> list[Given]:
    """What one fragment gives. Raises SpecError with the file, the key, what was expected and what was there."""
    if not _FRAGMENT.match(fragment):
        raise SpecError(f"{fragment}: a fragment's file name is NN-name.json")
    try:
        table = json.loads(text)
    except ValueError as error:
        raise SpecError(f"{fragment}: not JSON: {error}") from error
    if not isinstance(table, dict):
        raise SpecError(f"{fragment}: expected a JSON object, found {table!r}")
    unknown = sorted(set(table) - set(keys))
    if unknown:
        raise SpecError(f"{fragment}: unknown key {unknown[0]!r}; known: {', '.join(sorted(keys))}")
    try:
        return [Given(key, keys[key].parse(key, raw), fragment) for key, raw in table.items()]
    except FieldError as error:
        raise SpecError(f"{fragment}: {error}") from error


def _assemble(given: Mapping[str, Given], keys: Mapping[str, Key]) -> SessionSpec:
    own = {item.name for item in fields(SessionSpec)}
    essential = {item.name for item in fields(SessionSpec) if item.default is item.default_factory is MISSING}
    names = {key: rule.field or key for key, rule in keys.items()}
    missing = sorted(key for key, name in names.items() if name in essential and key not in given)
    if missing:
        raise SpecError(
            f"no fragment gives {', '.join(missing)}",
            "a fragment of container.d is missing; run the playbook again",
        )
    values = {names[key]: said.value for key, said in given.items()}
    parts = tuple(value for name, value in values.items() if name not in own)
    return SessionSpec(**{name: value for name, value in values.items() if name in own}, parts=parts)


def _checked(spec: SessionSpec) -> SessionSpec:
    """What no single key can show."""
    missing = [name for name in ULIMITS if name not in spec.ulimits]
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
