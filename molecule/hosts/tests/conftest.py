"""One input of a long run is made by itself: what is refused is in each `make test`."""

from __future__ import annotations

import os

collect_ignore = ["test_refused.py"] if "ABLY_SANDBOX_HOST_INPUT" in os.environ else []
