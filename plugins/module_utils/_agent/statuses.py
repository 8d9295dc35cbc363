"""The exit statuses of `ably-sandbox`, for all subcommands; the command reference has the same table.

`session` ends with the command's own status besides, or with 128 + n after signal n.
"""

from __future__ import annotations

OK = 0
# Something drifted, or what was asked for did not work.
FAILED = 1
# Nobody could look.
UNSEEN = 2
# Something of others' was left alone.
KEPT = 3
# Not a command of ours. Nothing was done.
USAGE = 64
# It may not be, or cannot be had. Nothing was changed.
REFUSED = 69
# The session broke off.
BROKEN = 70
# All sessions are in use.
BUSY = 75
