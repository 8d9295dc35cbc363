"""Keeps the byte code of Ansible's modules, which come to the host as source in an archive each time.

A native processor compiles a module and its imports in a quarter of a second, an emulated one in two or more: that was
most of what a play took. Byte code is found again by its source alone. Nothing else that Python imports is touched.
"""

from __future__ import annotations

import marshal
import os
import sys
import zipimport
from _imp import source_hash

KEPT = "/opt/lab/byte-code"
# Ansible packs a module into one, in a folder of its own for each execution.
ARCHIVE = "_payload.zip"


class ByteCodeImporter(zipimport.zipimporter):
    """Imports from such an archive; the usual importer has all others."""

    def __init__(self, path: str) -> None:
        if ARCHIVE not in path:
            raise zipimport.ZipImportError(path)
        super().__init__(path)

    def get_filename(self, fullname: str) -> str:
        """The usual importer compiles the module to know this."""
        ending = "/__init__.py" if self.is_package(fullname) else ".py"
        return f"{self.archive}/{self.prefix}{fullname.rpartition('.')[2]}{ending}"

    def get_code(self, fullname: str) -> object:
        source = self.get_source(fullname).encode()
        kept = f"{KEPT}/{source_hash(0, source).hex()}"
        try:
            with open(kept, "rb") as stream:
                return marshal.load(stream)
        except OSError:
            code = compile(source, self.get_filename(fullname), "exec", dont_inherit=True)
        if os.access(KEPT, os.W_OK):
            new = f"{kept}.{os.getpid()}"
            with open(new, "wb") as stream:
                marshal.dump(code, stream)
                # Whole on the disk before it has its name: the power may go at any moment here.
                stream.flush()
                os.fsync(stream.fileno())
            os.rename(new, kept)
        return code


sys.path_hooks.insert(0, ByteCodeImporter)
