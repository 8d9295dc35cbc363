"""The control `agent`: what it asks of the variables."""

from __future__ import annotations

from ..search import Search
from .descriptor import AGENT
from .variables import CHECKS

SEARCHES = (Search(AGENT, checks=CHECKS),)
