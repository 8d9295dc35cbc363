"""The words of a unit's settings, and of a variable. Each case was given to systemd 252 as well."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.unit_words import (
    ServiceTextError,
    split_value,
    split_words,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" a\t b ", ["a", "b"]),
        ("--label='a b'\"c d\" ''", ["--label=a bc d", ""]),
        (r"it\x27s \047 a\sb \\ \q \"", ["it's", "'", "a b", "\\", r"\q", '"']),
        (r"'it\'s' \'", ["it's", "'"]),
        ("\\", ["\\"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert list(split_words(text)) == words


@pytest.mark.parametrize("text", ["a it's b", 'a "b', "a 'b\\"])
def test_an_open_quote_leaves_what_is_before_it(text: str) -> None:
    words = split_words(text)
    assert next(words) == "a"
    with pytest.raises(ServiceTextError, match="No closing quotation"):
        next(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n --a\n --b 1\n", ["--a", "--b", "1"]),
        ("--label=it's more", ["--label=its more"]),
        ("--label=\"a b\" ''", ["--label=a b", ""]),
        (r"C:\x \' a\ b", ["C:x", "'", "a b"]),
        ("a\\", ["a"]),
        ("", []),
    ],
)
def test_the_words_of_a_variable(text: str, words: list[str]) -> None:
    assert split_value(text) == words
