"""Files of variables. Each case was given to systemd 252: what it read is what stands here."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.environment_files import parse_environment_file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("X=--a --b\n", "--a --b"),
        ("  X = --a \n", "--a"),
        ('X="--a --b"\n', "--a --b"),
        ("X=\n", ""),
        ("X", None),
        ('X="--icc" "--mtu=9"\n', "--icc--mtu=9"),
        ("X='--label=x' --debug # why\n", "--label=x--debug # why"),
        ('X=--label="a b" --debug\n', '--label="a b" --debug'),
        ('X="\n  --a\n  --b\n"\n', "\n  --a\n  --b\n"),
        ('A="\nX=--a"\nX=--b\n', "--b"),
        ('A="x\nX=--a\n', None),
        ("X=O'Brien\n", "O'Brien"),
        ("OWNER=O'Brien\nX=--a\n", "--a"),
        ("X=it\\'s \\\n  more\n", "it's   more"),
        ("X='a\\b'\n", "a\\b"),
        ('X="\\"a\\" \\$b \\c \\\n d"\n', '"a" $b \\c  d'),
        ("X=a\\ \\ \n", "a  "),
        ("X=--a\r\n", "--a"),
        ("; X=1\nX=2", "2"),
        (" # don't\nX=2 ; X=3", "2 ; X=3"),
        ("export X=1\n", None),
        ("=\nX=1\n", "1"),
        ("X=1\nX='2", "2"),
        ("X=a\\", "a"),
    ],
)
def test_a_value(text: str, value: str | None) -> None:
    assert parse_environment_file(text).get("X") == value
