"""What a service starts: its unit, its drop-ins and its environment, as systemd puts them together."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.service_files import (
    ServiceText,
    ServiceTextError,
    parse_environment_file,
    parse_service,
    read_command,
    read_environment,
)

UNIT = """[Unit]
ExecStart=/not/here
[Service]
# ExecStart=/nor/here
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// \\
  --containerd=/run/c.sock $DOCKER_OPTS
"""


def test_a_unit_without_drop_ins() -> None:
    service = parse_service([UNIT])
    assert service.files == ("/etc/default/docker",)
    assert read_command(service.exec_start, {}) == (
        "/usr/sbin/dockerd",
        "-H",
        "fd://",
        "--containerd=/run/c.sock",
    )


def test_a_drop_in_adds_to_it_and_takes_back_what_it_empties() -> None:
    more = "[Service]\nEnvironmentFile=/etc/more\nEnvironment=A=1 'B=2 3'\nExecStart=\nExecStart=/bin/dockerd ${A} $B\n"
    service = parse_service([UNIT, more])
    assert service == ServiceText("/bin/dockerd ${A} $B", ("A=1 'B=2 3'",), ("/etc/default/docker", "/etc/more"))
    assert parse_service([UNIT, "[Service]\nEnvironmentFile=\n"]).files == ()
    environment = read_environment(service, ['# no\nA="--label x"\n'])
    assert environment == {"A": "--label x", "B": "2 3"}
    assert read_command(service.exec_start, environment) == ("/bin/dockerd", "--label x", "2", "3")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("X=--a --b\n", "--a --b"),
        ('X="--a --b"\n', "--a --b"),
        ("X=\n", ""),
        ("X='a'\\\n b\n", "a b"),
        ("; X=1\nX=2", "2"),
    ],
)
def test_an_environment_file(text: str, value: str) -> None:
    assert parse_environment_file(text)["X"] == value


@pytest.mark.parametrize(
    ("exec_start", "command"),
    [
        ("-/bin/dockerd -D", ("/bin/dockerd", "-D")),
        ("@/bin/dockerd docker -D", ("/bin/dockerd", "-D")),
        ("/bin/dockerd --label=$$x$NO ${NO}", ("/bin/dockerd", "--label=$x$NO", "")),
        ("", ()),
    ],
)
def test_a_command_line(exec_start: str, command: tuple[str, ...]) -> None:
    assert read_command(exec_start, {}) == command


def test_what_cannot_be_understood_is_no_guess() -> None:
    with pytest.raises(ServiceTextError, match="No closing quotation; close what is open"):
        read_command('/bin/dockerd "', {})
