"""The searches of all controls that have one, in the order of the registry."""

from __future__ import annotations

from .agent.search import SEARCHES as AGENT
from .apparmor.search import SEARCHES as APPARMOR
from .container.search import SEARCHES as CONTAINER
from .docker.search import SEARCHES as DOCKER
from .egress.search import SEARCHES as EGRESS
from .image.search import SEARCHES as IMAGE
from .kernel.search import SEARCHES as KERNEL
from .preflight.asked import Asked
from .preflight.needs import Needs
from .search import Search
from .seccomp.search import SEARCHES as SECCOMP
from .userns.search import SEARCHES as USERNS

SEARCHES = (
    *AGENT,
    *KERNEL,
    *DOCKER,
    *IMAGE,
    *EGRESS,
    *CONTAINER,
    *USERNS,
    *SECCOMP,
    *APPARMOR,
)
# What preflight looks at besides.
_READS = ("sandbox_level", "sandbox_allow_rollback", "sandbox_allow_untested", "sandbox_preflight_disk_mib")
PREFLIGHT_VARIABLES = tuple(dict.fromkeys((*_READS, *(name for search in SEARCHES for name in search.reads))))
ROLE_DATA = tuple(name for search in SEARCHES for name in search.data)


def searches_of(level: int) -> tuple[Search, ...]:
    """Those of the controls that a host at this level has."""
    return tuple(search for search in SEARCHES if search.control.owner.phase <= level)


def asked_of(needs: Needs) -> Asked:
    """What the controls of this level ask of a host by name and number."""
    each = [search.asks(needs) for search in searches_of(needs.level) if search.asks]
    return Asked(
        tuple(dict.fromkeys(number for asked in each for number in asked.ids)),
        tuple(dict.fromkeys(name for asked in each for name in asked.names)),
        next((asked.address for asked in each if asked.address), ""),
    )
