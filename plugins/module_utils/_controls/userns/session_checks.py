"""Whether a session's ids are remapped. Pure: every function returns what is missing in short sentences."""

from __future__ import annotations

from ..container.spec import SessionSpec
from ..session_view import KernelView, ProcessView
from .keys import Userns


def find_missing_in_process(spec: SessionSpec, _unused: int, process: ProcessView) -> list[str]:
    userns = spec.part(Userns)
    if userns is None:
        return []
    wanted = ["0", str(userns.first_id), str(userns.size)]
    maps = {"user": process.uid_map, "group": process.gid_map}
    return [f"the {name} ids are not remapped" for name, text in maps.items() if text.split() != wanted]


def find_missing(spec: SessionSpec, _unused: int, view: KernelView) -> list[str]:
    is_fine = spec.part(Userns) is None or view.has_own_namespace("user")
    return [] if is_fine else ["no user namespace of its own"]
