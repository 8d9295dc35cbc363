"""The control `apparmor`: what it asks of the variables and of a host."""

from __future__ import annotations

from ..search import Search
from .descriptor import APPARMOR
from .preflight import find_notes, find_problems
from .variables import find_malformed

SEARCHES = (Search(APPARMOR, malformed=find_malformed, problems=find_problems, notes=find_notes),)
