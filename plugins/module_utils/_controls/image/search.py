"""The control `image`: what it asks of the variables."""

from __future__ import annotations

from ..search import Search
from .descriptor import IMAGE
from .variables import CHECKS, find_malformed

SEARCHES = (Search(IMAGE, checks=CHECKS, malformed=find_malformed),)
