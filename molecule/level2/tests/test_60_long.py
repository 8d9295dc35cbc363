"""One session with traffic, while the tests before this one attacked the host from others.

Two minutes at the least; `make long-session` has it live for ten.
"""

from __future__ import annotations

import os
import time

from support.session import LongSession

SECONDS = int(os.environ.get("ABLY_SANDBOX_SESSION_SECONDS", "120"))


def test_a_long_session(long_session: LongSession) -> None:
    while long_session.seconds < SECONDS and long_session.is_alive:
        time.sleep(1)
    answers = long_session.answers
    print(f"{len(answers)} round trips in {long_session.seconds:.0f} s")
    assert long_session.is_alive
    assert len(answers) > long_session.seconds / 40
    assert [answer for answer in answers if "roundtrip ok" not in answer] == []
    long_session.__exit__()
