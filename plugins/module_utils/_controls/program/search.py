"""The control `program`: what it asks of the variables."""

from __future__ import annotations

from ..search import Search
from .descriptor import PROGRAM
from .variables import CHECKS

SEARCHES = (Search(PROGRAM, checks=CHECKS),)
