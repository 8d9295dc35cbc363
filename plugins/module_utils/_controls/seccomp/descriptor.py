"""The control `seccomp`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER, RUNTIMES_KEY
from .variables import CHECKS

SECCOMP = Descriptor(OWNER, checks=CHECKS, daemon_keys=(RUNTIMES_KEY,))
