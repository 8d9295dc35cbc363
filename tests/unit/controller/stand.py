"""A controller for the real playbooks: every host is this machine, what would change it is a stand-in.

The collection is the checkout's, but for the modules that reach a host. What a build runs is in a folder of the stand's
own, and so is a `sudo` that says that it was asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO
from ansible_collections.ably.sandbox.tests.unit.controller.inner.node_package import integrity_of, node_package

_INNER = Path(__file__).resolve().parent / "inner"
_BIN = Path(sys.executable).parent
# The stand-in for npm has a Node of its own.
NODE = f"sandbox_image_node=1.0.0\nsandbox_image_node_integrity={integrity_of(node_package())}"
ALL = f"[sandbox:vars]\nsandbox_level=1\nansible_python_interpreter=/usr/bin/python3\n{NODE}"
HOST = "ansible_connection=local"
TOOLS = ("mmdebstrap", "npm")
# Preflight finds nothing, and no host gets an image.
STAND_INS: Mapping[str, Sequence[str]] = MappingProxyType({"action": ("preflight_info",), "modules": ("image",)})


class Controller:
    """`tools`: those for a build that are there. `stand_ins`: by the folder of plugins."""

    def __init__(
        self, folder: Path, tools: Sequence[str] = TOOLS, stand_ins: Mapping[str, Sequence[str]] = STAND_INS
    ) -> None:
        self._folder = folder
        self.log = folder / "log"
        self.tools = folder / "tools"
        self.tools.mkdir()
        for name in (*tools, "sudo"):
            (self.tools / name).symlink_to(_INNER / name)
        # What Ansible and the stand-ins need besides; nothing of this machine that builds.
        for name in ("env", "mkdir", "python3", "rm", "sh", "sleep", "uname"):
            (self.tools / name).symlink_to(f"/usr/bin/{name}")
        self._link_collection(folder / "collections/ansible_collections/ably/sandbox", stand_ins)

    def _link_collection(self, top: Path, stand_ins: Mapping[str, Sequence[str]]) -> None:
        plugins = top / "plugins"
        plugins.mkdir(parents=True)
        for folder in stand_ins:
            (plugins / folder).mkdir()
        _link_all(REPO, top)
        _link_all(REPO / "plugins", plugins)
        for folder, names in stand_ins.items():
            for name in names:
                (plugins / folder / f"{name}.py").symlink_to(_INNER / folder / f"{name}.py")
            _link_all(REPO / "plugins" / folder, plugins / folder)

    def play(
        self, hosts: Sequence[str], *options: str, playbook: str = "ably.sandbox.site", **environment: str
    ) -> tuple[int, str]:
        """The status of a run over these lines of an inventory, and what it told, on one line."""
        inventory = self._folder / "hosts"
        inventory.write_text("\n".join(["[sandbox]", *(f"{line} {HOST}" for line in hosts), ALL, ""]))
        (self._folder / "ansible.cfg").touch()
        settings = {
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self._folder / "collections"),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_LOCAL_TEMP": str(self._folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "true",
            "HOME": str(self._folder),
            "PATH": str(self.tools),
            "STAND_LOG": str(self.log),
            "LC_ALL": "C.UTF-8",
        }
        command = (_BIN / "ansible-playbook", "-i", inventory, playbook, *options)
        done = subprocess.run(
            list(map(str, command)),
            env={**settings, **environment},
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def logged(self, what: str) -> list[Any]:
        """What the stand-ins of this name were asked for."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [asked for name, asked in map(json.loads, lines) if name == what]


def _link_all(source: Path, target: Path) -> None:
    for path in source.iterdir():
        if not (target / path.name).exists() and not path.name.startswith((".", "__pycache__")):
            (target / path.name).symlink_to(path)
