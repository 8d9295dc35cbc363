"""Runs programs of the controller."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .console import LabError


def run(
    arguments: Sequence[str | Path],
    *,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> str:
    """Run a program and return what it printed, or append that to `log`. LabError when it fails."""
    words = [str(word) for word in arguments]
    settings = {**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})}
    if log is None:
        done = subprocess.run(words, input=stdin, capture_output=True, env=settings, check=False)
        output, errors = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    else:
        with log.open("ab") as stream:
            done = subprocess.run(words, input=stdin, stdout=stream, stderr=stream, env=settings, check=False)
        output, errors = "", log.read_text(errors="replace")
    if done.returncode != 0:
        last_lines = "\n".join((errors or output).strip().splitlines()[-8:])
        message = f"{shlex.join(words)} exited {done.returncode}:\n{last_lines}"
        raise LabError(message, f"all of it: {log}" if log else "")
    return output


def as_root(arguments: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> list[str | Path]:
    """The same command with root's rights: as it is for root, through sudo for everybody else."""
    assignments = [f"{key}={value}" for key, value in (environment or {}).items()]
    prefix: list[str | Path] = [] if os.geteuid() == 0 else ["sudo"]
    return [*prefix, *(["env", *assignments] if assignments else []), *arguments]
