"""What a state of each kind of resource says, as a dataclass.

The engine compares and records plain mappings (`State`). Whoever wishes for a resource, observes it or changes it has
these. A fact that is left at its default is not named: a desired state names those that matter to its control, an
observed one all that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from .._engine.states import State

F = TypeVar("F", bound="TypedFacts")


@dataclass(frozen=True)
class TypedFacts:
    """The facts of one kind. They stand in a state under their own names, notes with an underscore before it."""

    @property
    def state(self) -> State:
        return State(dict(named for one in fields(self) for named in _write(one, getattr(self, one.name))))


def facts_of(kind: type[F], state: State) -> F | None:
    """None where there is no such thing. What only another release knows is left out."""
    if state.facts is None:
        return None
    return kind(**{one.name: value for one in fields(kind) for value in _read(one, state.facts)})


def note(default: Any = None) -> Any:
    """A note for the way there and back: it is kept, and never compared."""
    return field(default=default, metadata={"is_note": True})


def one_fact_each(prefix: str) -> Any:
    """Names, each of which is a fact of its own, `PREFIX NAME`, so that a wish can name a single one."""
    return field(default=(), metadata={"prefix": f"{prefix} "})


def _write(one: Field[Any], value: Any) -> Iterator[tuple[str, Any]]:
    if "prefix" in one.metadata:
        yield from ((one.metadata["prefix"] + name, True) for name in value)
    elif value != one.default:
        yield _name_of(one), value


def _read(one: Field[Any], facts: Mapping[str, Any]) -> Iterator[Any]:
    """The value, or nothing where it is not named."""
    prefix = one.metadata.get("prefix")
    if prefix:
        yield tuple(name[len(prefix) :] for name in facts if name.startswith(prefix))
    elif _name_of(one) in facts:
        yield facts[_name_of(one)]


def _name_of(one: Field[Any]) -> str:
    return f"_{one.name}" if one.metadata.get("is_note") else one.name


@dataclass(frozen=True)
class FileFacts(TypedFacts):
    """Of `file`, `shared_file` and `docker_root`. `type`: file, folder, link or other; missing, for a missing backup.

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


@dataclass(frozen=True)
class DockerNetworkFacts(TypedFacts):
    """Of `docker_network` and `remapped_network`."""

    driver: str | None = None
    internal: bool | None = None
    subnet: str | None = None
    gateway: str | None = None
    options: Mapping[str, str] | None = None
    labels: Mapping[str, str] | None = None
    ipv6: bool | None = None


@dataclass(frozen=True)
class DockerImageFacts(TypedFacts):
    """Of `docker_image` and `remapped_image`. `digests`: those that it was pulled by (`name@sha256:…`).

    Where it comes from: `archive`, the path of one to load (None: it has to be here); `pull`, a name with a digest; or
    `of`, a name of the image that is here already. `names`: what else of ours may name it.
    """

    id: str | None = None
    digests: Sequence[str] = one_fact_each("digest")
    archive: str | None = note("")
    pull: str | None = note()
    of: str | None = note()
    names: Sequence[str] | None = note()


@dataclass(frozen=True)
class DockerArchiveFacts(TypedFacts):
    """Of `docker_archive`. `image`: the id; `names`: those that the image is known by."""

    image: str
    names: Sequence[str] | None = note()


@dataclass(frozen=True)
class DockerChainsFacts(TypedFacts):
    """Of `docker_chains`. `in_place`: also where Docker does not run, or was told to keep its hands off iptables."""

    in_place: bool


@dataclass(frozen=True)
class DockerTraceFacts(TypedFacts):
    """Of `docker_trace`. `tables`: of Docker's, those that are there; `forwarding`: 0 or 1.

    Whether these are there: `bridge` (docker0), `profile` (Docker's own of AppArmor), `filter_module` (br_netfilter).
    """

    tables: Sequence[str]
    bridge: bool
    forwarding: str
    profile: bool
    filter_module: bool
