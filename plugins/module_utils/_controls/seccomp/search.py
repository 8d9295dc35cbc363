"""The control `seccomp`: what it asks of the variables, and what it sets of Docker's."""

from __future__ import annotations

from ..search import Search
from .control import RUNTIMES_KEY
from .descriptor import SECCOMP
from .variables import CHECKS

SEARCHES = (Search(SECCOMP, checks=CHECKS, daemon_keys=(RUNTIMES_KEY,)),)
