"""What a state of each kind of resource says, as a dataclass.

The engine compares and records plain mappings (`State`). Whoever wishes for a resource, observes it or changes it has
these. A fact that is left at its default is not named: a desired state names those that matter to its control, an
observed one all that there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from .._engine.states import State

F = TypeVar("F", bound="TypedFacts")


@dataclass(frozen=True)
class TypedFacts:
    """The facts of one kind. They stand in a state under their own names, notes with an underscore before it."""

    @property
    def state(self) -> State:
        values = ((_name_of(one), getattr(self, one.name), one.default) for one in fields(self))
        return State({name: value for name, value, default in values if value != default})


def facts_of(kind: type[F], state: State) -> F | None:
    """None where there is no such thing. What only another release knows is left out."""
    if state.facts is None:
        return None
    named = {one.name: _name_of(one) for one in fields(kind)}
    return kind(**{key: state.facts[name] for key, name in named.items() if name in state.facts})


def note(default: Any = None) -> Any:
    """A note for the way there and back: it is kept, and never compared."""
    return field(default=default, metadata={"is_note": True})


def _name_of(one: Field[Any]) -> str:
    return f"_{one.name}" if one.metadata.get("is_note") else one.name


@dataclass(frozen=True)
class FileFacts(TypedFacts):
    """Of `file` and `shared_file`. `type`: file, folder, link, other; missing, of a backup that is not there.

    `xattrs`: names to values in hexadecimal. `of`: the digest of the table of which it is the backup.
    """

    type: str | None = None
    content: str | None = None
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    target: str | None = None
    mtime_ns: int | None = None
    xattrs: Mapping[str, str] | None = None
    of: str | None = None


@dataclass(frozen=True)
class SharedTimeFacts(TypedFacts):
    """Of `shared_time`: when the file was last written, and the digest of what was."""

    mtime_ns: int
    sha256: str


@dataclass(frozen=True)
class UnitFacts(TypedFacts):
    """Of `unit`, which is never absent: one that is not there is disabled and inactive.

    `enabled`: as systemd has it (enabled, disabled, masked, static, …); `active`: active or inactive.
    """

    enabled: str | None = None
    active: str | None = None


@dataclass(frozen=True)
class PackageFacts(TypedFacts):
    """Of `package`. `installed`: or removed with its configuration left, so that a purge would take something."""

    installed: bool


@dataclass(frozen=True)
class PackageSetFacts(TypedFacts):
    """Of `package_set`. `content`: the names of all that are installed, one a line."""

    content: str


@dataclass(frozen=True)
class SysctlFacts(TypedFacts):
    """Of `sysctl`."""

    value: str


@dataclass(frozen=True)
class TableEntryFacts(TypedFacts):
    """Of `table_entry`. `line`: without its end."""

    line: str


@dataclass(frozen=True)
class JsonKeyFacts(TypedFacts):
    """Of `json_key`. `value`: whatever JSON can say; null is a value."""

    value: Any


@dataclass(frozen=True)
class DockerRemapFacts(JsonKeyFacts):
    """Of `docker_remap`. `others_may_run`: whether others' containers may be lost sight of."""

    others_may_run: bool | None = note()


@dataclass(frozen=True)
class NftTableFacts(TypedFacts):
    """Of `nft_table`. `ruleset`: as nft lists it; in a wish that is not completed yet, its source."""

    ruleset: str


@dataclass(frozen=True)
class BridgeFacts(TypedFacts):
    """Of `bridge`. `addresses`: IPv4, with their prefix, sorted; `type`: of whatever interface has the name."""

    mac: str
    addresses: Sequence[str]
    up: bool
    type: str | None = None


@dataclass(frozen=True)
class ApparmorProfileFacts(TypedFacts):
    """Of `apparmor_profile`. `sha256`: of the compiled policy, empty where the kernel keeps it to itself.

    A wish names the `source` alone, and is completed with what this host's parser makes of it. `policy`: in base64.
    """

    source: str | None = None
    profile_mode: str | None = None
    sha256: str | None = None
    policy: str | None = note()
