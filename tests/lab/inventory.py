"""Ansible's view of the machine."""

from __future__ import annotations

import json

from . import ssh
from .settings import HOST, Settings


def render(settings: Settings, port: int, *, image: str) -> str:
    """An inventory with the one host in it, as JSON, which is YAML too.

    The shared connection's path is given as an argument of its own: Ansible looks for it there when a play resets the
    connection, and the lab looks for it in the same place when it restores a snapshot.
    """
    words = [f"-o {key}={value}" for key, value in ssh.options(settings).items() if key not in ("User", "IdentityFile")]
    host = {
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(settings.key),
        "ansible_ssh_args": " ".join(words),
        "ansible_pipelining": True,
        "ansible_python_interpreter": "/usr/bin/python3",
        "lab_image": image,
    }
    return json.dumps({"sandbox": {"hosts": {HOST: host}}}, indent=2) + "\n"
