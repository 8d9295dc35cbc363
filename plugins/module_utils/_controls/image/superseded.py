"""Which images the sandbox has brought and no longer uses. Pure."""

from __future__ import annotations

from ..._engine.ledger import Ledger
from ..._engine.states import State
from ..._formats.resource_facts import DockerImageFacts, facts_of

_KINDS = ("docker_image", "remapped_image")


def find_superseded(ledger: Ledger) -> tuple[str, ...]:
    """The ids of images that had a name of ours until another one got it. What was there before us is none of them."""
    memories = [memory for memory in ledger.memories.values() if memory.resource.kind in _KINDS]
    written = dict.fromkeys(one for memory in memories for one in _ids(memory.written))
    spared = {one for memory in memories for one in _ids((memory.before, *memory.written[-1:]))}
    return tuple(one for one in written if one not in spared)


def _ids(states: tuple[State, ...]) -> tuple[str, ...]:
    found = (facts_of(DockerImageFacts, state) for state in states)
    return tuple(facts.id for facts in found if facts is not None and facts.id)
