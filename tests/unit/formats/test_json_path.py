"""Keys of objects in a JSON file: ours come and go, everything else stays to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._formats.daemon_json import JsonTextError, parse_object
from ansible_collections.ably.sandbox.plugins.module_utils._formats.json_path import find_path, remove_path, set_path

PATH = "runtimes/ours"
OURS = {"path": "/usr/bin/crun"}
names = st.text("abcdefgh-", min_size=1, max_size=8).filter(lambda name: name != "runtimes")
runtimes = st.dictionaries(names, st.fixed_dictionaries({"path": st.text(max_size=5)}), min_size=1, max_size=3)
documents = st.dictionaries(names, st.one_of(st.booleans(), st.integers(), st.text(max_size=5)), max_size=4)


def put(text: str, value: Any = None) -> str:
    return set_path(parse_object(text.encode(), "d.json"), PATH, value or OURS, "d.json")


def drop(text: str) -> str:
    return remove_path(parse_object(text.encode(), "d.json"), PATH, "d.json")


@given(documents, st.one_of(st.none(), runtimes), st.sampled_from([None, 2, 4, "\t"]))
def test_set_and_removed_again_is_what_it_was(document: dict[str, Any], others: Any, indent: Any) -> None:
    whole = {**document, **({"runtimes": others} if others else {})}
    text = json.dumps(whole, indent=indent)
    with_ours = put(text)
    assert json.loads(with_ours) == {**whole, "runtimes": {**(others or {}), "ours": OURS}}
    assert list(json.loads(with_ours)["runtimes"])[-1] == "ours"
    assert json.loads(drop(with_ours)) == whole
    if whole:
        assert drop(with_ours) == text


def test_others_keep_their_bytes() -> None:
    text = '{\n    "runtimes": {\n        "kata":   {"path": "/k"}\n    },\n    "icc":false\n}\n'
    with_ours = put(text)
    assert '"kata":   {"path": "/k"},\n        "ours":   {\n' in with_ours
    assert with_ours.endswith('},\n    "icc":false\n}\n')
    assert drop(with_ours) == text


def test_the_files_indentation_is_followed() -> None:
    text = json.dumps({"runtimes": {"kata": {"path": "/k"}}}, indent=2)
    assert put(text) == json.dumps({"runtimes": {"kata": {"path": "/k"}, "ours": OURS}}, indent=2)


def test_ours_is_replaced_in_its_place() -> None:
    text = '{"runtimes": {"ours": {"path": "/old"}, "kata": {"path": "/k"}}}'
    assert put(text) == '{"runtimes": {"ours": {"path": "/usr/bin/crun"}, "kata": {"path": "/k"}}}'


def test_an_object_that_is_missing_comes_and_goes() -> None:
    text = '{\n  "icc": false\n}\n'
    assert json.loads(put(text)) == {"icc": False, "runtimes": {"ours": OURS}}
    assert drop(put(text)) == text
    assert drop(text) == text


def test_what_is_there_is_found() -> None:
    found = parse_object(put("{}").encode(), "d.json")
    member = find_path(found, PATH, "d.json")
    assert member is not None
    assert member.value == OURS
    assert find_path(found, "runtimes/theirs", "d.json") is None
    assert find_path(found, "storage/ours", "d.json") is None


@pytest.mark.parametrize("value", ["[]", '"runc"', "null", "1"])
def test_what_is_no_object_is_named(value: str) -> None:
    with pytest.raises(JsonTextError, match=r"d.json: runtimes is .*, expected an object"):
        put(f'{{"runtimes": {value}}}')
