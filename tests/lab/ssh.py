"""The way into the machine: OpenSSH with shared connections."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .command import run
from .console import LabError, wait_for
from .settings import HOST, Settings

BOOT_SECONDS = 300
# One handshake costs the emulated machine about a second; the plainest key exchange is the cheapest.
HANDSHAKE = {"KexAlgorithms": "curve25519-sha256", "HostKeyAlgorithms": "ssh-ed25519", "GSSAPIAuthentication": "no"}


def options(settings: Settings) -> dict[str, str]:
    """Options that every connection uses, for a configuration file or as `-o` arguments."""
    return {
        "User": "root",
        "IdentityFile": str(settings.key),
        "IdentitiesOnly": "yes",
        # The far end of a forwarded port on loopback is our own QEMU.
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
        "ServerAliveInterval": "20",
        "ServerAliveCountMax": "6",
        "ControlMaster": "auto",
        "ControlPersist": "15m",
        "ControlPath": str(settings.sockets / "ssh-%C"),
        **HANDSHAKE,
    }


def render_config(settings: Settings, port: int) -> str:
    """An ssh_config with the one host in it."""
    lines = {"HostName": "127.0.0.1", "Port": str(port), **options(settings)}
    return "\n".join([f"Host {HOST}", *(f"    {key} {value}" for key, value in lines.items())]) + "\n"


def config_file(settings: Settings) -> Path:
    return settings.machines / "ssh_config"


def write_config(settings: Settings, port: int) -> None:
    config_file(settings).write_text(render_config(settings, port))


def call(settings: Settings, command: str, *, stdin: bytes | None = None) -> str:
    """Run a shell command in the machine and return its output; LabError when it fails."""
    return run(("ssh", "-F", config_file(settings), HOST, command), stdin=stdin)


def interactive(settings: Settings, words: Sequence[str]) -> int:
    """Become `ssh`: the person's own terminal, the command's own exit status."""
    terminal = ("-t",) if not words and os.isatty(0) else ()
    return subprocess.call(("ssh", "-F", str(config_file(settings)), *terminal, HOST, *words))


def close_connections(settings: Settings) -> None:
    """End the shared connections: they do not survive a restored snapshot, and would hang instead of failing."""
    for control in settings.sockets.glob("ssh-*"):
        subprocess.run(("ssh", "-O", "exit", "-S", str(control), HOST), capture_output=True, check=False)
        control.unlink(missing_ok=True)


def answers(port: int) -> bool:
    """Whether sshd shows its banner. QEMU accepts a forwarded connection long before anybody listens behind it."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def wait(settings: Settings, port: int, *, seconds: float = BOOT_SECONDS) -> None:
    wait_for("ssh", lambda: answers(port), seconds=seconds)


def wait_for_reboot(settings: Settings, port: int, before: str) -> None:
    """Until the machine answers with another boot id than `before`."""

    def is_another_boot() -> bool:
        if not answers(port):
            return False
        try:
            return boot_id(settings) != before
        except LabError:
            return False  # sshd of the old boot closes the door while it shuts down
        finally:
            close_connections(settings)

    wait_for("the next boot", is_another_boot, seconds=BOOT_SECONDS, every=1)


def boot_id(settings: Settings) -> str:
    return call(settings, "cat /proc/sys/kernel/random/boot_id").strip()


def set_clock(settings: Settings) -> None:
    """A restored machine lives in the moment of its snapshot."""
    call(settings, f"date --set=@{int(time.time()) + 1} >/dev/null")
