"""What is asked of the sessions' filter wherever it is looked at."""

# Of the calls that a session may make.
from __future__ import annotations

MOST_ALLOWED = 130
