"""`ably-sandbox compile FILE`: the byte code of this agent, as the Python that runs it makes it.

Without it Python compiles everything that a session needs at each of its starts: what is in an archive it never keeps.
The file's name says which agent and which Python it is for, so that no other is ever taken (see the archive's
`__main__`). Source: PEP 552, byte code that is valid whatever becomes of its source.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import struct
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .._system.files import temporary_path
from .arguments import parser

_UNCHECKED_HASH = struct.pack("<I", 0b01)


def main(arguments: Sequence[str]) -> int:
    """0 also where the name is another agent's: there is nothing to do for this one then."""
    options_parser = parser("compile", "Write the agent's byte code.", ())
    options_parser.add_argument("file", type=Path)
    file = options_parser.parse_args(arguments).file
    with zipfile.ZipFile(sys.argv[0]) as archive:
        if file.stem == archive.comment.decode("ascii"):
            write_archive(file, dict(compile_sources(archive)))
    return 0


def compile_sources(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """(path in the archive, byte code) of every module."""
    for name in archive.namelist():
        if name.endswith(".py"):
            source = archive.read(name)
            code = compile(source, f"{archive.filename}/{name}", "exec", dont_inherit=True, optimize=2)
            head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
            yield f"{name}c", head + marshal.dumps(code)


def write_archive(file: Path, modules: dict[str, bytes]) -> None:
    """Whole or not at all. Not compressed: it is read at every start."""
    temporary = Path(temporary_path(str(file)))
    try:
        with temporary.open("wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                for name in sorted(modules):
                    archive.writestr(zipfile.ZipInfo(name), modules[name])
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
