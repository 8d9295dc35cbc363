"""From the modules' parameters to the controls `subids`, `userns` and `docker_objects`. The host says the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .._controls.image.control import IMAGE_FRAGMENT, pulled_images
from .._controls.image.descriptor import IMAGE
from .._controls.names import DOCKER_SOCKET
from .._controls.preflight.asked import Asked
from .._controls.problem import Problem
from .._controls.userns.control import (
    RANGE_TABLES,
    REMAP_USER,
    archive_wish,
    docker_objects_control,
    images_in_archive,
    refuse_another_range,
    subids_control,
    userns_control,
)
from .._controls.userns.preflight import find_taken_range, find_taken_uid, find_unasked
from .._engine.errors import SandboxError
from .._engine.ledger import Ledger, fold
from .._engine.resources import Control, Wish
from .._engine.states import State
from .._formats.accounts import build_range_line
from .._formats.resource_facts import DockerImageFacts, facts_of
from .._formats.subids import ACCOUNT_TABLES, RANGE_SIZE, IdRange, check_free, parse_accounts
from .._system.account_reader import AccountReader
from .._system.docker_api import DockerApi
from .._system.docker_presence import has_docker_run, read_data_root
from .._system.files import read_bytes
from .._system.outside import Outside
from .._system.store import LedgerStore
from .findings import read_account, read_text, refuse

ARGUMENTS: dict[str, Any] = {
    "first_id": {"type": "int", "required": True},
    "uid": {"type": "int", "required": True},
    "allow_containers": {"type": "bool", "default": False},
}


def subids_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError when a table of ids cannot be read by Docker, or the range is somebody's or not to change."""
    outside, first = Outside(), params["first_id"]
    ledger = _ledger(outside)
    refuse_another_range(first, ledger)
    texts = {path: read_text(outside, path) for path in RANGE_TABLES}
    check_tables(first, texts, outside)
    refuse(find_taken(params, texts, outside))
    archive = _archive(read_session_image(outside), ledger, outside)
    return subids_control(params["uid"], first, read_data_root(outside), archive)


def check_tables(first: int, texts: Mapping[str, str], outside: Outside) -> None:
    """Raises SandboxError for what the tables say against a range that is not ours yet."""
    if _has_range(first, texts):
        return
    accounts: list[IdRange] = []
    for path in ACCOUNT_TABLES:
        accounts.extend(parse_accounts(read_text(outside, path), path))
    check_free(texts, accounts, REMAP_USER, first)


def find_taken(params: Mapping[str, Any], texts: Mapping[str, str], outside: Outside) -> Iterator[Problem]:
    """By others than the tables name; only what is not ours yet is asked for."""
    first, uid = params["first_id"], params["uid"]
    has_range = _has_range(first, texts)
    has_uid = read_account(outside, "/etc/passwd", REMAP_USER)[0] == uid
    if has_range and has_uid:
        return
    found = AccountReader(outside).read(Asked((uid, first, first + RANGE_SIZE - 1)))
    if not has_range:
        yield from find_unasked(found.unasked_ranges)
        yield from find_taken_range(found.ids, first)
    if not has_uid:
        yield from find_taken_uid(found.ids, uid)


def _has_range(first: int, texts: Mapping[str, str]) -> bool:
    ours = build_range_line(REMAP_USER, first, RANGE_SIZE)
    return all(ours in text.splitlines() for text in texts.values())


def userns_of(params: Mapping[str, Any]) -> Control:
    return userns_control(params["first_id"], params["allow_containers"])


def docker_objects_of() -> Control:
    """Raises SandboxError when the sessions' specification cannot be read."""
    outside = Outside()
    ledger, image = _ledger(outside), read_session_image(outside)
    archive = _archive(image, ledger, outside)
    pulled = pulled_images(image) if image else {}
    return docker_objects_control(pulled if archive is None else images_in_archive(archive, ledger))


def has_level_1() -> bool:
    """Whether there is anything to carry: in check mode on a bare host there is not."""
    outside = Outside()
    return read_session_image(outside) is not None and has_docker_run(outside)


def read_session_image(outside: Outside) -> str | None:
    """What the sessions' specification names: an id, or a name with a digest. None before level 1 has written it."""
    content = read_bytes(outside, IMAGE_FRAGMENT)
    if content is None:
        return None
    try:
        return str(json.loads(content)["image"])
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxError(f"{IMAGE_FRAGMENT}: cannot be read: {error}", "run the role image") from error


def _archive(image: str | None, ledger: Ledger, outside: Outside) -> Wish | None:
    """None for an image that is pulled: Docker keeps its digest only where it was pulled, so it is pulled again."""
    if image is None or "@" in image or not has_docker_run(outside):
        return None
    return archive_wish(image, _names_of(image, ledger, outside))


def _names_of(image: str, ledger: Ledger, outside: Outside) -> list[str]:
    """Those that level 1 gave it; others' names for the same image are theirs. All of them where it gave none."""
    ours = [
        memory.resource.name
        for memory in ledger.memories_of(IMAGE.owner)
        if memory.resource.kind == "docker_image" and memory.written and _is_image(memory.written[-1], image)
    ]
    if ours:
        return sorted(ours)
    found = DockerApi(outside.path(DOCKER_SOCKET)).get("/images/json")
    return sorted(name for entry in found if entry["Id"] == image for name in entry["RepoTags"] or ())


def _is_image(state: State, image: str) -> bool:
    facts = facts_of(DockerImageFacts, state)
    return facts is not None and facts.id == image


def _ledger(outside: Outside) -> Ledger:
    return fold(LedgerStore(outside).read())
