"""The control `kernel`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER
from .preflight import find_notes, find_problems
from .variables import CHECKS

KERNEL = Descriptor(
    OWNER,
    since="0.2.0",
    checks=CHECKS,
    problems=(find_problems,),
    notes=(find_notes,),
    reads=("sandbox_kernel_left_out", "sandbox_kernel_confirmed"),
)
