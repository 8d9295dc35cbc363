"""Somebody who has the README and the quick start, and types their lines: in a home and an environment of their own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from lab import ssh, state
from lab.settings import HOST, REPOSITORY

from support.host import Host, run_to_its_end
from support.pages import QUICK_START, lines_of, read_lines

# What a reader puts in, and what the pages call the reader's host.
_ADDRESS, _HOST = "ADDRESS-OF-THIS-REPOSITORY", "host.example"
_FOLDER = "sandbox"


class Newcomer:
    """`home` is empty. `variables`: the lab's image and limits, which the pages leave at their defaults."""

    def __init__(self, host: Host, home: Path, variables: Path) -> None:
        self._host, self._home, self._folder = host, home, home
        group = home / _FOLDER / "group_vars"
        group.mkdir(parents=True)
        image = f"sandbox_image_archive: {host.settings.session_image}\n"
        # The level is what the lines say.
        given = re.sub(r"(?m)^sandbox_level:.*\n", "", variables.read_text())
        (group / "sandbox.yml").write_text(given + image)

    def does(self, step: str) -> str:
        """All lines of one step of the quick start, one after the other; what they printed."""
        return "".join(self.type(line) for line in lines_of(step, read_lines(QUICK_START)))

    def type(self, line: str, seconds: float = 1200) -> str:
        """One line, in the folder where the last one has left off."""
        place = self._home / ".place"
        words = f"{line.replace(_ADDRESS, str(REPOSITORY))}\nended=$?; pwd > {place}; exit $ended"
        status, output = run_to_its_end(("bash", "-c", words), self._folder, self._environment(), seconds)
        assert status == 0, f"{line}\n{output}"
        self._folder = Path(place.read_text().strip())
        return output

    def _environment(self) -> Mapping[str, str]:
        """The way to the host stands where an administrator has it: in a configuration of ssh."""
        settings = self._host.settings
        config = ssh.render_config(settings, state.running(settings).ssh_port)
        lines = config.replace(f"Host {HOST}\n", f"Host {_HOST}\n", 1).splitlines(keepends=True)
        file = self._home / "ssh_config"
        # Which connections are shared is Ansible's own business, as its defaults have it.
        file.write_text("".join(line for line in lines if "Control" not in line))
        return {
            "HOME": str(self._home),
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
            "LANG": "C.UTF-8",
            "ANSIBLE_SSH_ARGS": f"-F {file} -C -o ControlMaster=auto -o ControlPersist=60s",
        }
