# Apache License 2.0 (see LICENSE)
"""The programs that live on the host, packed into one file on the controller."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = r"""
name: host_program
author: Ably Sandbox
short_description: The program ably-sandbox for hosts
version_added: 0.1.0
description:
  - Packs the collection's host programs and the layers that they use into one executable zip archive for C(python3),
    and returns it in base64. Nothing else of the collection or of Ansible is needed where it runs.
  - The same sources give the same bytes, whenever and in whatever folder they are packed.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Put the host program in place
  ably.sandbox.program:
    program: "{{ lookup('ably.sandbox.host_program') }}"
"""

RETURN = r"""
_raw:
  description: One text, the archive in base64.
  type: list
  elements: str
"""

REPO = Path(__file__).resolve().parents[2]
PACKED = ("host", "plugins/module_utils/_core", "plugins/module_utils/_domain", "plugins/module_utils/_host")
PREFIX = "ansible_collections/ably/sandbox"
# Isolated from the caller's environment and folders, and nothing written beside the archive.
SHEBANG = b"#!/usr/bin/python3 -IB\n"
MAIN = f"import sys\n\nfrom {PREFIX.replace('/', '.')}.host.cli import main\n\nsys.exit(main(sys.argv[1:]))\n"
# The first moment that a zip archive can name.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)


def list_sources(repo: Path) -> Iterator[tuple[str, bytes]]:
    """(path inside the archive, content) of every Python file that is packed."""
    for folder in PACKED:
        for path in sorted((repo / folder).rglob("*.py")):
            yield f"{PREFIX}/{path.relative_to(repo).as_posix()}", path.read_bytes()


def add_packages(sources: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The same files, and an empty `__init__.py` in each folder that has none, so that every one can be imported."""
    files = dict(sources)
    folders = {parent.as_posix() for path in files for parent in Path(path).parents} - {"."}
    return {**{f"{folder}/__init__.py": b"" for folder in folders}, **files, "__main__.py": MAIN.encode()}


def pack(files: dict[str, bytes]) -> bytes:
    """The executable archive."""
    archive = io.BytesIO()
    archive.write(SHEBANG)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as container:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            container.writestr(entry, files[name])
    return archive.getvalue()


class LookupModule(LookupBase):
    """See the documentation above."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:  # noqa: ARG002  # Ansible passes it
        """One element: the archive in base64."""
        if terms or kwargs:
            raise AnsibleError("host_program: takes no terms and no options")
        return [base64.b64encode(pack(add_packages(list_sources(REPO)))).decode()]
