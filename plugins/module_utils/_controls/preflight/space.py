"""Whether there is room for what a run brings, on each file system that gets some of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..problem import Problem

# What is brought, as messages name it.
ARCHIVES = "packages' archives"
PACKAGES = "packages"
IMAGE = "the image"
KEPT = "the image that level 2 keeps"
COPY = "the image in level 2's data folder"
# Of what sandbox_preflight_disk_mib says, which in all is what a host needs that has none of it.
_ALL = 64
_PARTS: Mapping[str, int] = {ARCHIVES: 8, PACKAGES: 24, IMAGE: 32, KEPT: 16, COPY: 16}
# Without Docker's own, which are nearly all of it.
_PARTS_BESIDE_DOCKER: Mapping[str, int] = {**_PARTS, ARCHIVES: 1, PACKAGES: 4}
# Of a host that has it all: some room for another image.
_RESERVE = 8
_MIB = 1024 * 1024
# Files of the image and of packages are larger than that on the average; an ext4 has four times as many.
_INODES_PER_MIB = 16


@dataclass(frozen=True)
class Space:
    """Of the file system that a folder is on, or will be. `device`: which one that is.

    `free_inodes`: None where it makes as many as are needed.
    """

    folder: str
    device: int
    free_bytes: int
    free_inodes: int | None = None


@dataclass(frozen=True)
class _Share:
    """What one file system gets."""

    spaces: Sequence[Space]
    parts: int
    what: Sequence[str]


def find_problems_in_space(
    brought: Sequence[str], has_docker: bool, space: Mapping[str, Sequence[Space]], all_of_it: int
) -> Iterator[Problem]:
    """`brought`: what this run brings; `space`: of each of that, where it comes to lie; `all_of_it`: in MiB."""
    usual = _PARTS_BESIDE_DOCKER if has_docker else _PARTS
    parts = {one: usual[one] for one in brought} or {IMAGE: _RESERVE}
    for share in _share_out(parts, space):
        folders = ", ".join(dict.fromkeys(one.folder for one in share.spaces))
        mib = all_of_it * share.parts // _ALL
        what = " and ".join(share.what) if brought else "what may come"
        free = min(one.free_bytes for one in share.spaces) // _MIB
        if free < mib:
            yield Problem(
                f"disk space in {folders}",
                f"{free} MiB",
                f"{mib} MiB for {what}",
                "make room there",
                spares_working_hosts=True,
            )
        inodes = [one.free_inodes for one in share.spaces if one.free_inodes is not None]
        if inodes and min(inodes) < mib * _INODES_PER_MIB:
            yield Problem(
                f"inodes of the file system of {folders}",
                f"{min(inodes)} free",
                f"{mib * _INODES_PER_MIB} for {what}",
                "remove files that nobody needs there",
                spares_working_hosts=True,
            )


def _share_out(parts: Mapping[str, int], space: Mapping[str, Sequence[Space]]) -> Iterator[_Share]:
    there = [(what, one) for what in parts for one in space.get(what, ())]
    for device in dict.fromkeys(one.device for _unused, one in there):
        on_it = [(what, one) for what, one in there if one.device == device]
        what = tuple(dict.fromkeys(what for what, _unused in on_it))
        yield _Share([one for _unused, one in on_it], min(sum(parts[one] for one in what), _ALL), what)
