# Apache License 2.0 (see LICENSE)
"""The agent that lives on the host, packed into one file on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
name: agent_archive
author: Ably (@ably)
short_description: The agent ably-sandbox for hosts
version_added: 0.1.0
description:
  - Packs the agent and the rooms that it uses into one executable zip archive for C(python3), and returns it in
    base64. Nothing else of the collection or of Ansible is needed where it runs.
  - The same sources give the same bytes, whenever and in whatever folder they are packed.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Put the agent on the host
  ably.sandbox.agent:
    archive: "{{ lookup('ably.sandbox.agent_archive') }}"
    revert_unit: "{{ lookup('ansible.builtin.template', 'revert.service.j2') }}"
"""

RETURN = r"""
_raw:
  description: One text, the archive in base64.
  type: list
  elements: str
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.agent.control import BYTE_CODE

REPO = Path(__file__).resolve().parents[2]
PACKED = tuple(f"plugins/module_utils/{room}" for room in ("_agent", "_system", "_controls", "_formats", "_engine"))
PREFIX = "ansible_collections/ably/sandbox"
# Isolated from the caller's environment and folders, and nothing written beside the archive.
SHEBANG = b"#!/usr/bin/python3 -IB\n"
# What runs first. Byte code that the host's own Python has made of this very agent comes before the sources: its name
# has their digest, and the number of that Python's byte code.
MAIN = """\
import sys
from _frozen_importlib_external import MAGIC_NUMBER

sys.path.insert(0, f"{folder}/{{int.from_bytes(MAGIC_NUMBER[:2], 'little')}}/{build}.zip")

from {package}.plugins.module_utils._agent.cli import main

sys.exit(main(sys.argv[1:]))
"""
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
    return {**{f"{folder}/__init__.py": b"" for folder in folders}, **files}


def digest(files: dict[str, bytes]) -> str:
    """Sixteen hex digits that are others for other sources."""
    summed = hashlib.sha256()
    for name in sorted(files):
        summed.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return summed.hexdigest()[:16]


def pack(sources: dict[str, bytes]) -> bytes:
    """The executable archive. Its comment is the digest of the sources."""
    build = digest(sources)
    main = MAIN.format(folder=BYTE_CODE, build=build, package=PREFIX.replace("/", "."))
    files = {**sources, "__main__.py": main.encode()}
    archive = io.BytesIO()
    archive.write(SHEBANG)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as container:
        container.comment = build.encode()
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
            raise AnsibleError("agent_archive: takes no terms and no options")
        return [base64.b64encode(pack(add_packages(list_sources(REPO)))).decode()]
