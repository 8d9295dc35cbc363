"""What npm 9 to 11 say of a version, recorded; and what is none of it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.npm import (
    NpmFormatError,
    Published,
    read_refusal,
    read_view,
)

DATE = "2026-09-10T02:34:54.259000+00:00"
VIEW = {"version": "24.21.0", "dist.integrity": "sha512-3nUL", "time": {"24.20.0": "2026-08-27", "24.21.0": DATE}}
REFUSAL = {"error": {"code": "E404", "summary": "No match found for version 24.99.0", "detail": "The requested"}}


def test_a_version() -> None:
    assert read_view(json.dumps(VIEW), "24.21.0") == Published("sha512-3nUL", DATE)


def test_a_registry_that_does_not_say_when() -> None:
    assert read_view(json.dumps({**VIEW, "time": None}), "24.21.0").date == ""
    assert read_view(json.dumps({**VIEW, "time": {}}), "24.21.0").date == ""


@pytest.mark.parametrize("text", ["", "npm", "[]", json.dumps([VIEW, VIEW]), json.dumps(REFUSAL), '{"version": 24}'])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(NpmFormatError, match="expected"):
        read_view(text, "24.21.0")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps(REFUSAL), "No match found for version 24.99.0"),
        ("", ""),
        ("{}", ""),
        (json.dumps({"error": "no"}), ""),
    ],
)
def test_a_refusal(text: str, reason: str) -> None:
    assert read_refusal(text) == reason
