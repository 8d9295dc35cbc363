"""The controls `subids`, `userns` and `docker_objects`: root in a container is a high, unprivileged id on the host.

With remapped ids Docker works on another data folder, in which nothing of before is. So what level 1 made in Docker is
kept as an archive before the change, and made to exist in the new folder after it; the way back needs neither.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..._engine.errors import RefusedError
from ..._engine.ledger import Ledger
from ..._engine.resources import Control, Resource, Wish
from ..._engine.states import ABSENT
from ..._formats.accounts import build_range_line
from ..._formats.resource_facts import DockerArchiveFacts, DockerImageFacts, DockerRemapFacts, facts_of
from ..._formats.subids import RANGE_SIZE
from ..docker.control import DAEMON_JSON, HEALTH, VALIDATE
from ..names import FRAGMENTS, SLICE
from ..wishes import footprint, restart_unit, system_account, table_entry, whole_file
from .descriptor import DOCKER_OBJECTS, SUBIDS, USERNS

REMAP_USER = "ably-sandbox-remap"
REMAP_KEY = "userns-remap"
RANGE_TABLES = ("/etc/subuid", "/etc/subgid")
_ACCOUNT_TABLES = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")
ARCHIVE_FOLDER = "/var/lib/ably-sandbox"


def subids_control(uid: int, first: int, data_root: str, archive: Wish | None) -> Control:
    """The account that Docker looks the range up by, its range, the data folder that Docker makes, the image for it.

    `data_root`: Docker's own. The new folder is remembered here because it can only go once Docker has left it, which
    `userns` going back sees to. `archive` is no part of `userns`, because what is on trial there must be able to go
    back without an image that Docker may no longer have. The files' times are for all of phase 2: this goes back last.
    """
    wishes = (
        *(footprint("shared_time", path) for path in (*_ACCOUNT_TABLES, *RANGE_TABLES, DAEMON_JSON)),
        footprint("docker_root", f"{data_root}/{_folder_of(first)}"),
        *system_account(REMAP_USER, uid, "ids of the Ably sandbox's containers"),
        *(table_entry(path, REMAP_USER, build_range_line(REMAP_USER, first, RANGE_SIZE)) for path in RANGE_TABLES),
        *((archive,) if archive else ()),
    )
    return Control(SUBIDS.owner, wishes)


def _folder_of(first: int) -> str:
    """Docker names it after the first user and the first group."""
    return f"{first}.{first}"


def refuse_another_range(first: int, ledger: Ledger) -> None:
    """Raise RefusedError when another range is in use: Docker has its data in a folder that is named after it."""
    for memory in ledger.memories_of(SUBIDS.owner):
        name = memory.resource.name
        if memory.resource.kind == "docker_root" and not name.endswith(f"/{_folder_of(first)}"):
            raise RefusedError(
                f"sandbox_userns_first_id: {first}, but {name} is in use",
                "roll back to level 1 first; nothing is changed",
            )


def userns_control(first: int, others_may_run: bool) -> Control:
    """Docker with remapped ids. Risky: Docker restarts, and comes up empty.

    The key stands last: on the way back it comes first, so that a refusal has changed nothing. Until Docker has
    restarted, sessions are refused: their ids are not those that the fragment says. Sessions that run are ended,
    because a restarted Docker would not know them any more.
    """
    facts = DockerRemapFacts(REMAP_USER, others_may_run=others_may_run)
    fragment = json.dumps({"userns": {"first_id": first, "size": RANGE_SIZE}}, indent=2) + "\n"
    activates = (restart_unit(SLICE), restart_unit("docker.service"))
    key = Wish(Resource("docker_remap", f"{DAEMON_JSON}#{REMAP_KEY}"), facts.state, activates, VALIDATE)
    works_there = f"docker info --format '{{{{.DockerRootDir}}}}' | grep -q '/{_folder_of(first)}$'"
    wishes = (whole_file(f"{FRAGMENTS}/20-userns.json", fragment), key)
    return Control(USERNS.owner, wishes, health=(HEALTH, ("sh", "-c", works_there)), is_risky=True)


def archive_wish(image: str, names: Sequence[str]) -> Wish:
    """`image`: the id; `names`: those under which Docker knows it, which the archive carries along."""
    path = f"{ARCHIVE_FOLDER}/{image.rpartition(':')[2]}.tar"
    return Wish(Resource("docker_archive", path), DockerArchiveFacts(image, names=list(names)).state)


def docker_objects_control(images: Mapping[str, DockerImageFacts]) -> Control:
    """What level 1 made in Docker, in the folder that Docker now works on.

    `images`: names to what they shall be.
    """
    wishes = tuple(Wish(Resource("remapped_image", name), facts.state) for name, facts in images.items())
    return Control(DOCKER_OBJECTS.owner, wishes)


def images_in_archive(archive: Wish, ledger: Ledger) -> dict[str, DockerImageFacts]:
    """By their names, which the ledger knows once the archive was made: Docker itself may not have them yet."""
    memory, wanted = ledger.memory(archive.resource), facts_of(DockerArchiveFacts, archive.state or ABSENT)
    if wanted is None:
        return {}
    written = facts_of(DockerArchiveFacts, memory.written[-1]) if memory and memory.written else None
    names = (written and written.names) or wanted.names or ()
    facts = DockerImageFacts(wanted.image, archive=archive.resource.name, names=list(names))
    return dict.fromkeys(names, facts)
