"""Whether the registry has the pinned npm packages of an image as they are asked for, and early enough. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..._formats.npm import Published
from ..problem import Problem

_EPOCH = "sandbox_image_epoch"


def latest_moment(published: Mapping[str, Published]) -> int:
    """When the newest of them was published, as Unix seconds."""
    return max((one.moment for one in published.values()), default=0)


def find_unfit(pinned: Mapping[str, str], epoch: int, published: Mapping[str, Published]) -> Iterator[Problem]:
    """`pinned`: packages to the integrity that is asked of them, empty for any. What nobody has is told elsewhere."""
    found = {package: published[package] for package in sorted(pinned) if package in published}
    for package, one in found.items():
        if pinned[package] not in ("", one.integrity):
            next_step = "set sandbox_image_node_integrity to the one of this version, or see who has replaced it"
            yield Problem(f"npm package {package}", f"the integrity {one.integrity}", pinned[package], next_step)
    undated = [package for package, one in found.items() if not one.moment]
    if undated and not epoch:
        next_step = f"set {_EPOCH} to a moment after that, in Unix seconds"
        yield Problem(f"npm package {undated[0]}", "no time of publication", "one, which dates the image", next_step)
    newest = max(found.items(), key=lambda item: item[1].moment, default=None)
    if newest and 0 < epoch < newest[1].moment:
        package, latest = newest
        expected = f"at least {latest.moment}, when {package} was published ({latest.date})"
        yield Problem(
            f"variable {_EPOCH}", str(epoch), expected, f"set it to {latest.moment} or later, or leave it out", _EPOCH
        )
