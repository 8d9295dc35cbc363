"""The control `seccomp`: what it asks of the variables, and what it sets of Docker's."""

from __future__ import annotations

from ..search import Search
from .control import RUNTIMES_KEY
from .descriptor import SECCOMP
from .variables import DATA, find_malformed

SEARCHES = (Search(SECCOMP, malformed=find_malformed, data=DATA, daemon_keys=(RUNTIMES_KEY,)),)
