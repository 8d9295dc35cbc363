"""What a process is called."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.processes import name_process


@pytest.mark.parametrize(
    ("command_line", "comm", "expected"),
    [
        ("/usr/bin/python3\0/usr/bin/unattended-upgrade\0", "unattended-upgr", "unattended-upgrade"),
        (
            "/usr/bin/python3.13\0/usr/bin/unattended-upgrade\0--download-only\0",
            "unattended-upgr",
            "unattended-upgrade",
        ),
        ("/bin/sh\0/usr/lib/apt/apt.systemd.daily\0install\0", "apt.systemd.dai", "apt.systemd.daily"),
        ("apt-get\0--yes\0install\0docker.io\0", "apt-get", "apt-get"),
        ("/usr/libexec/packagekitd\0", "packagekitd", "packagekitd"),
        ("python3\0-c\0import secret\0", "python3", "python3"),
        ("aptd: working on it\0", "aptd", "aptd"),
        ("", "dpkg\n", "dpkg"),
        ("", "", ""),
        ("/tmp/\x1b[31mred\0", "red", "?[31mred"),
        ("/tmp/" + "x" * 90 + "\0", "x", "x" * 40),
    ],
)
def test_a_process_has_the_name_that_people_know(command_line: str, comm: str, expected: str) -> None:
    assert name_process(command_line, comm) == expected
