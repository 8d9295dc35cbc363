"""The control `seccomp`: what it asks of the variables, and what it sets of Docker's."""

from __future__ import annotations

from ..search import Search
from .control import CRUN, RUNTIME, RUNTIMES_KEY
from .descriptor import SECCOMP
from .variables import DATA, find_malformed

_DAEMON_KEYS = {RUNTIMES_KEY: {RUNTIME: {"path": CRUN}}}

SEARCHES = (Search(SECCOMP, malformed=find_malformed, data=DATA, daemon_keys=_DAEMON_KEYS),)
