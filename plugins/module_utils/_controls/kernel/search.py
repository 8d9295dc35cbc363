"""The control `kernel`: what it asks of the variables and of a host."""

from __future__ import annotations

from ..search import Search
from .descriptor import KERNEL
from .preflight import find_notes, find_problems
from .variables import CHECKS

SEARCHES = (
    Search(
        KERNEL,
        checks=CHECKS,
        problems=find_problems,
        notes=find_notes,
        reads=("sandbox_kernel_left_out", "sandbox_kernel_confirmed"),
    ),
)
