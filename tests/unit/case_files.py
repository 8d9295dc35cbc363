"""Recorded output of real tools, one file a case, named after tool and version."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "cases"


def read_case(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
