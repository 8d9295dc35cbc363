"""`ably-sandbox compile FILE`: the byte code of this program, as the Python that runs it makes it.

Without it Python compiles everything that a session needs at each of its starts: what is in an archive it never keeps.
The file's name says which program and which Python it is for, so that no other is ever taken (see the archive's
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
    """0 also where the name is another program's: there is nothing to do for this one then."""
    options_parser = parser("compile", "Write this program's byte code.", ())
    options_parser.add_argument("file", type=Path)
    file = options_parser.parse_args(arguments).file
    with zipfile.ZipFile(sys.argv[0]) as program:
        if file.stem == program.comment.decode("ascii"):
            write_archive(file, dict(compile_sources(program)))
    return 0


def compile_sources(program: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """(path in the archive, byte code) of every module."""
    for name in program.namelist():
        if name.endswith(".py"):
            source = program.read(name)
            code = compile(source, f"{program.filename}/{name}", "exec", dont_inherit=True, optimize=2)
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
