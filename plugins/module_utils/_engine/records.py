"""The ledger's records and their lines: one JSON array a line, `[checksum, body]`, each line complete in itself.

`ledger_names` everywhere: a control's name to the one that stands in ledgers, of controls that were renamed since.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Union

from .errors import LedgerError
from .resources import Activation, Owner, Resource
from .states import ABSENT, State

FORMAT = 1


@dataclass(frozen=True)
class Remembered:
    """What a resource was before its owner first touched it."""

    owner: Owner
    resource: Resource
    before: State
    footprint: bool = False


@dataclass(frozen=True)
class Wrote:
    """What is about to be written to a resource. `there`: what of that was never named before, as it was until now."""

    resource: Resource
    after: State
    activates: tuple[Activation, ...] = ()
    there: State = ABSENT


@dataclass(frozen=True)
class Forgotten:
    """A resource is back to what it was, and nobody's any more."""

    resource: Resource


@dataclass(frozen=True)
class Pending:
    """An activation that the written changes will need. With a token: it is being carried out right now."""

    owner: Owner
    activation: Activation
    token: str | None = None


@dataclass(frozen=True)
class Activated:
    owner: Owner
    activation: Activation


@dataclass(frozen=True)
class Applying:
    """A control's changes have begun."""

    owner: Owner


@dataclass(frozen=True)
class Applied:
    """A control is wholly in place, and nothing of it is pending."""

    owner: Owner


@dataclass(frozen=True)
class Withdrawn:
    """A control was rolled back, or undone after it failed."""

    owner: Owner


@dataclass(frozen=True)
class Former:
    """How a resource was before a run on trial, what makes that live again, and whether we had written it so."""

    resource: Resource
    before: State
    activates: tuple[Activation, ...] = ()
    is_ours: bool = True


@dataclass(frozen=True)
class Trial:
    """A run that is taken back unless somebody confirms it over a connection that is younger than `since`.

    `formers`: what goes back to how it was before the run; `fresh`: what goes back to what is remembered, and is
    forgotten. `dropped`: what the control no longer wishes; its memories stay until the trial is over. `met`: what
    counts as written by us once it is confirmed. A control that was applied is so again afterwards; one whose run was
    cut off before is as unfinished as it was.
    """

    owner: Owner
    name: str
    since: str
    was_applied: bool
    was_applying: bool = False
    formers: tuple[Former, ...] = ()
    fresh: tuple[Resource, ...] = ()
    dropped: tuple[Resource, ...] = ()
    met: tuple[Wrote, ...] = ()


@dataclass(frozen=True)
class TrialEnded:
    """Confirmed, or taken back."""

    owner: Owner


@dataclass(frozen=True)
class Unproven:
    """From here on the host has changed and no session has been opened on it. `since`: UTC, ISO 8601."""

    since: str


@dataclass(frozen=True)
class Proven:
    """A session has been opened, used and ended. `at`: UTC, ISO 8601. `warning`: what did not answer outside."""

    at: str
    warning: str = ""


Record = Union[
    Remembered, Wrote, Forgotten, Pending, Activated, Applying, Applied, Withdrawn, Trial, TrialEnded, Unproven, Proven,
]  # fmt: skip

# What stands in the ledgers of hosts. A class may get another name, its tag may not.
_TAGS: dict[type[Any], str] = {
    Remembered: "remembered",
    Wrote: "wrote",
    Forgotten: "forgotten",
    Pending: "pending",
    Activated: "activated",
    Applying: "applying",
    Applied: "applied",
    Withdrawn: "withdrawn",
    Trial: "trial",
    TrialEnded: "trialended",
    Unproven: "unproven",
    Proven: "proven",
}
_TYPES: dict[str, Any] = {tag: record for record, tag in _TAGS.items()}
_NONE_RENAMED: Mapping[str, str] = MappingProxyType({})


def render_line(record: Record, ledger_names: Mapping[str, str] = _NONE_RENAMED) -> str:
    """One line with its newline. ASCII only, so that undecodable bytes in a before-image survive as escapes."""
    body = json.dumps(_body(record, ledger_names), sort_keys=True, separators=(",", ":"))
    return f'["{_checksum(body)}",{body}]\n'


def render_header() -> str:
    body = json.dumps({"format": FORMAT, "type": "header"}, sort_keys=True, separators=(",", ":"))
    return f'["{_checksum(body)}",{body}]\n'


def parse_lines(text: str, ledger_names: Mapping[str, str] = _NONE_RENAMED) -> tuple[Record, ...]:
    """The records of a ledger. A torn last line is dropped: its write was never reported done, so nothing followed it.
    The first line is never torn: a ledger comes into being whole.

    Raises LedgerError on any other damage, and on a format newer than this collection's.
    """
    lines = text.split("\n")
    complete, torn = lines[:-1], lines[-1]
    if torn and not complete:
        raise LedgerError("ledger: line 1 of 1 is damaged", "restore it from a backup")
    bodies: list[dict[str, Any]] = []
    for number, line in enumerate(complete, 1):
        body = _parse_line(line)
        if body is None:
            if 1 < number == len(complete) and not torn:
                break
            raise LedgerError(f"ledger: line {number} of {len(complete)} is damaged", "restore it from a backup")
        bodies.append(body)
    return _records(bodies, {ledger_name: name for name, ledger_name in ledger_names.items()})


def _records(bodies: list[dict[str, Any]], names: Mapping[str, str]) -> tuple[Record, ...]:
    if not bodies:
        return ()
    header = bodies[0]
    if header.get("type") != "header":
        raise LedgerError("ledger: the first line is not a header", "restore it from a backup")
    if header.get("format") != FORMAT:
        raise LedgerError(
            f"ledger: format {header.get('format')} is not known, expected {FORMAT}",
            "use the release of ably.sandbox that wrote it, or a newer one",
        )
    return tuple(_record(body, names) for body in bodies[1:])


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode('ascii')):08x}"


def _parse_line(line: str) -> dict[str, Any] | None:
    try:
        checksum, body = line[2:10], line[12:-1]
        if line != f'["{checksum}",{body}]' or checksum != _checksum(body):
            return None
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _body(record: Record, names: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"type": _TAGS[type(record)]}
    for key, value in vars(record).items():
        body[key] = _plain(_rename(value, names) if isinstance(value, Owner) else value)
    return body


def _rename(owner: Owner, names: Mapping[str, str]) -> Owner:
    return Owner(owner.phase, names.get(owner.control, owner.control))


def _plain(value: Any) -> Any:
    if isinstance(value, Owner):
        return [value.phase, value.control]
    if isinstance(value, Resource):
        return [value.kind, value.name]
    if isinstance(value, Activation):
        return [value.verb, value.unit]
    if isinstance(value, State):
        return None if value.facts is None else dict(value.facts)
    if isinstance(value, (Former, Wrote)):
        return [_plain(item) for item in vars(value).values()]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _record(body: dict[str, Any], names: Mapping[str, str]) -> Record:
    fields = {key: _field(key, value) for key, value in body.items() if key != "type"}
    if "owner" in fields:
        fields["owner"] = _rename(fields["owner"], names)
    try:
        record: Record = _TYPES[body["type"]](**fields)
    except (KeyError, TypeError) as error:
        raise LedgerError(f"ledger: a record of type {body.get('type')!r} cannot be read: {error}") from error
    return record


def _field(key: str, value: Any) -> Any:
    if key == "owner":
        return Owner(*value)
    if key == "resource":
        return Resource(*value)
    if key == "activation":
        return Activation(*value)
    if key == "activates":
        return tuple(Activation(*item) for item in value)
    if key in ("before", "after", "there"):
        return State(value)
    if key in _LISTED:
        return tuple(_LISTED[key](*item) for item in value)
    return value


def _former(resource: Any, before: Any, activates: Any, is_ours: bool) -> Former:
    return Former(_field("resource", resource), _field("before", before), _field("activates", activates), is_ours)


def _wrote(resource: Any, after: Any, activates: Any, there: Any) -> Wrote:
    return Wrote(_field("resource", resource), State(after), _field("activates", activates), State(there))


_LISTED: dict[str, Any] = {"fresh": Resource, "dropped": Resource, "formers": _former, "met": _wrote}
