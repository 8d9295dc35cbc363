"""Nothing that an honest command line does is lost at level 2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.host import Host
from support.session import Terminal, run_lines, run_script
from support.terminal import COLUMNS, ROWS, assert_ends_by_key, assert_is_a_terminal

HONEST = Path(__file__).parent / "scripts" / "honest.js"
EXPECTED = {
    "worker threads": 42,
    "names": "10.213.0.1",
    "a child": "42",
    "a child that probes io_uring": "ably:",
    "files of one's own": "kept",
    "the machine": "ably",
    "addresses": True,
    "signals": "heard",
}


@pytest.fixture(scope="module")
def found(level2: Host) -> dict[str, object]:
    answer: dict[str, object] = run_script(level2, HONEST.read_text(encoding="utf-8"))
    return answer


@pytest.mark.parametrize("name", EXPECTED)
def test_honest(found: dict[str, object], name: str) -> None:
    assert found[name] == EXPECTED[name]


def test_every_answer_is_judged(found: dict[str, object]) -> None:
    assert set(found) == set(EXPECTED)


def test_the_real_client(level2: Host) -> None:
    status, text = run_lines(level2, "time", "publish news hello", "roundtrip", "exit")
    assert status == 0, text
    assert re.search(r"time \d{13}", text)
    assert "published to news" in text
    assert "roundtrip ok" in text


def test_a_terminal(level2: Host) -> None:
    with Terminal(level2, rows=ROWS, columns=COLUMNS) as session:
        assert_is_a_terminal(session)
        assert_ends_by_key(session)
