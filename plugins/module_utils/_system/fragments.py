"""What the controls have left of the sessions' specification on this host."""

from __future__ import annotations

from pathlib import Path

from .._engine.errors import SandboxError


def read_fragments(folder: Path) -> dict[str, str]:
    """File name to text. Raises SandboxError for one that cannot be read."""
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"{folder}: cannot be read: {error}") from error
