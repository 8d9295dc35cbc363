"""Ten minutes in one session, with traffic, while the tests before this one attacked the host from others."""

from __future__ import annotations

import time

from support.session import LongSession

SECONDS = 600


def test_ten_minutes(long_session: LongSession) -> None:
    while long_session.seconds < SECONDS and long_session.is_alive:
        time.sleep(1)
    answers = long_session.answers
    print(f"{len(answers)} round trips in {long_session.seconds:.0f} s")
    assert long_session.is_alive
    assert len(answers) > SECONDS / 40
    assert [answer for answer in answers if "roundtrip ok" not in answer] == []
    long_session.__exit__()
