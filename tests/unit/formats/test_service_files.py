"""What a service starts: its unit, its drop-ins and its environment, as systemd puts them together."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.service_files import (
    EnvironmentFile,
    ServiceText,
    list_environment_files,
    parse_service,
    read_command,
    read_environment,
)
from ansible_collections.ably.sandbox.plugins.module_utils._formats.unit_words import ServiceTextError, specifiers_of

SPECIFIERS = specifiers_of("docker.service", "web-1")

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
    assert list_environment_files(service, SPECIFIERS) == (EnvironmentFile("/etc/default/docker", is_optional=True),)
    assert read_command(service.exec_start, {}, SPECIFIERS) == (
        "/usr/sbin/dockerd",
        "-H",
        "fd://",
        "--containerd=/run/c.sock",
    )


def test_a_drop_in_adds_to_it_and_takes_back_what_it_empties() -> None:
    more = "[Service]\nEnvironmentFile=/etc/more\nEnvironment=A=1 'B=2 3'\nExecStart=\nExecStart=/bin/dockerd ${A} $B\n"
    service = parse_service([UNIT, more])
    assert service == ServiceText(("/bin/dockerd ${A} $B",), ("A=1 'B=2 3'",), ("-/etc/default/docker", "/etc/more"))
    assert parse_service([UNIT, "[Service]\nEnvironmentFile=\n"]).files == ()
    environment = read_environment(service, ['# no\nA="--label x"\n'], SPECIFIERS)
    assert environment == {"A": "--label x", "B": "2 3"}
    assert read_command(service.exec_start, environment, SPECIFIERS) == ("/bin/dockerd", "--label x", "2", "3")


def test_each_command_since_the_last_empty_one_is_kept() -> None:
    service = parse_service([UNIT, "[Service]\nExecStart=/bin/dockerd\n"])
    assert (len(service.exec_starts), service.exec_start, service.may_start_several) == (2, "/bin/dockerd", False)
    assert parse_service(["[Service]\nType=oneshot\n"]).may_start_several


@pytest.mark.parametrize(
    ("exec_start", "command"),
    [
        ("-/bin/dockerd -D", ("/bin/dockerd", "-D")),
        ("@/bin/dockerd docker -D", ("/bin/dockerd", "-D")),
        ("/bin/dockerd --label=$$x$NO ${NO}", ("/bin/dockerd", "--label=$x$NO", "")),
        (":/bin/dockerd $A ${A} $$A", ("/bin/dockerd", "$A", "${A}", "$$A")),
        ("/bin/dockerd $A- x$A ${A}", ("/bin/dockerd", "x$A", "$$ 100%% '1'")),
        ("/bin/dockerd $A", ("/bin/dockerd", "$$", "100%%", "1")),
        ("/bin/dockerd -H unix://%t/docker.sock", ("/bin/dockerd", "-H", "unix:///run/docker.sock")),
        (
            "/bin/dockerd --label=%H,%n,%N,%p,%P,%S,%C,%L,%E",
            (
                "/bin/dockerd",
                "--label=web-1,docker.service,docker,docker,docker,/var/lib,/var/cache,/var/log,/etc",
            ),
        ),
        ("/bin/dockerd --label=50%%,%2", ("/bin/dockerd", "--label=50%,%2")),
        ("", ()),
    ],
)
def test_a_command_line(exec_start: str, command: tuple[str, ...]) -> None:
    assert read_command(exec_start, {"A": "$$ 100%% '1'"}, SPECIFIERS) == command


def test_what_cannot_be_understood_is_no_guess() -> None:
    with pytest.raises(ServiceTextError, match="No closing quotation; close what is open"):
        read_command('/bin/dockerd "', {}, SPECIFIERS)
    with pytest.raises(ServiceTextError, match=r"^%i in '--label=%i'; write in its place what it stands for"):
        read_command("/bin/dockerd --label=%i", {}, SPECIFIERS)
    with pytest.raises(ServiceTextError, match=r"^%b in"):
        list_environment_files(parse_service(["[Service]\nEnvironmentFile=-/etc/%b\n"]), SPECIFIERS)


def test_what_the_command_does_not_have_need_not_be_understood() -> None:
    lines = "Environment=A=%p B=it's\nEnvironment=C=%i\nExecStart=/bin/dockerd $A $B\n"
    service = parse_service([f"[Service]\n{lines}"])
    assert read_environment(service, ["OWNER=O'Brien\n"], SPECIFIERS) == {"A": "docker", "OWNER": "O'Brien"}
    with pytest.raises(ServiceTextError, match=r"^%i in '%i'"):
        read_environment(parse_service([f"[Service]\n{lines}ExecStart=/bin/dockerd $" + "{C}\n"]), [], SPECIFIERS)


def test_a_file_is_a_whole_path() -> None:
    service = parse_service(["[Service]\nEnvironmentFile=-%E/default/%p\nEnvironmentFile=not/whole\n"])
    assert list_environment_files(service, SPECIFIERS) == (EnvironmentFile("/etc/default/docker", is_optional=True),)
