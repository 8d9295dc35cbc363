"""Owned keys of daemon.json: set in place or added last, and the rest kept to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.daemon_json import (
    JsonTextError,
    check_daemon_keys,
    parse_object,
    remove_key,
    set_key,
)

KEYS = st.text(min_size=1, max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def edit(text: str, key: str, value: Any) -> str:
    return set_key(parse_object(text.encode(), "daemon.json"), key, value)


def drop(text: str, key: str) -> str:
    return remove_key(parse_object(text.encode(), "daemon.json"), key)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '{\n  "icc": false\n}\n'),
        (" \n", '{\n  "icc": false\n}\n'),
        ("{}", '{\n  "icc": false\n}\n'),
        ("{ }\n", '{\n  "icc": false\n}\n'),
        ('{"a": 1}', '{"a": 1, "icc": false}'),
        ('{"icc":true,"a":1}', '{"icc":false,"a":1}'),
        ('{\n    "a":1\n}\n', '{\n    "a":1,\n    "icc":false\n}\n'),
        ('{\r\n\t"a" : {"icc": 1}\r\n}', '{\r\n\t"a" : {"icc": 1},\n\t"icc" : false\r\n}'),
        ('{\n  "icc" : true ,\n  "a": [ 1,2 ]\n}', '{\n  "icc" : false ,\n  "a": [ 1,2 ]\n}'),
    ],
)
def test_a_key_is_set(text: str, expected: str) -> None:
    assert edit(text, "icc", False) == expected


def test_a_long_value_takes_the_files_indentation() -> None:
    text = '{\n\t"a": 1\n}\n'
    assert edit(text, "log-opts", {"max-size": "1m"}) == '{\n\t"a": 1,\n\t"log-opts": {\n\t\t"max-size": "1m"\n\t}\n}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "{}"),
        ('{"b": 1}', '{"b": 1}'),
        ('{"a": 1}', "{}"),
        ('{\n  "a": 1\n}\n', "{}\n"),
        ('{\n  "a": 1,\n  "b": 2\n}\n', '{\n  "b": 2\n}\n'),
        ('{\n  "b": 2 ,\n  "a": 1\n}\n', '{\n  "b": 2\n}\n'),
        ('{"b": 2, "a": 1, "c": 3}', '{"b": 2, "c": 3}'),
    ],
)
def test_a_key_is_removed(text: str, expected: str) -> None:
    assert drop(text, "a") == expected


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), KEYS, VALUES, st.sampled_from([None, 1, 4, "\t"]))
def test_a_key_that_was_added_and_removed_leaves_no_trace(
    former: dict[str, Any], key: str, value: Any, indent: int | str | None
) -> None:
    text = json.dumps(former, indent=indent)
    edited = edit(text, key, value)
    assert json.loads(edited) == {**former, key: value}
    if key not in former:
        assert drop(edited, key) == text
    else:
        assert list(json.loads(edited)) == list(former)
    assert json.loads(drop(edited, key)) == {k: v for k, v in former.items() if k != key}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[]", "line 1 column 1: expected an object"),
        (b'{\n  "a": 1,\n}', "line 3 column 1: expected a key in double quotes"),
        (b'{\n  // no\n  "a": 1\n}', "line 2 column 3: expected a key"),
        (b'{"a": 1 "b": 2}', "line 1 column 9: expected a comma"),
        (b'{"a" 1}', "line 1 column 6: expected a colon"),
        (b'{"a": }', "line 1 column 7: Expecting value"),
        (b'{"a": 1,\n "a": 2}', "line 2 column 2: the key 'a' is there twice"),
        (b'{"a": {"b": 1, "b": 2}}', "line 1 column 7: the key 'b' is there twice"),
        (b'{"a": NaN}', "line 1 column 7: NaN is not JSON"),
        (b'{"a": 1} x', "line 1 column 10: nothing may follow"),
        (b'{"a": 1', "line 1 column 8: expected a comma or the closing brace"),
        (b'{"a": "\xff"}', "byte 8 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "line 1 column 1: expected an object"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1,\n "b": ' + b"9" * 5000 + b"}", "line 2 column 7: a number of too many digits"),
    ],
)
def test_what_is_not_one_object_is_refused_with_its_place(content: bytes, words: str) -> None:
    with pytest.raises(JsonTextError, match=f"daemon.json: .*{words}"):
        parse_object(content, "daemon.json")


def test_known_keys_are_taken() -> None:
    check_daemon_keys(
        {"icc": False, "log-driver": "journald", "log-opts": {"tag": "x"}, "default-ulimits": {"nofile": {"Soft": 1}}}
    )


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"icc": "no"}, 'icc is "no", expected true or false'),
        ({"icc": 0}, "icc is 0, expected true or false"),
        ({"log-opts": {"max-file": 3}}, "expected an object with texts"),
        ({"shutdown-timeout": True}, "expected a whole number"),
        ({"hosts": ["tcp://"]}, "hosts is no key that can be set here; known are: cgroup-parent"),
    ],
)
def test_other_keys_and_types_are_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(SandboxError, match=words):
        check_daemon_keys(config)
