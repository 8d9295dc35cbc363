"""Variables: unknown names, and values that make no sense. And every role's own defaults do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml

from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import Problem, wrong_value
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import LEVELS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import OF_PLAYBOOKS, sort_unknown
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import find_malformed as find_in
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    check_types,
    choose_variables,
    drop_consequences,
    find_missing,
    load_data,
    load_options,
)
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

OPTIONS: dict[str, Any] = load_options()
DEFAULTS: dict[str, Any] = {
    name: value
    for path in sorted((REPO / "roles").glob("*/defaults/main.yml"))
    for name, value in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items()
}
DATA = load_data()
PLAIN = {name: value for name, value in DEFAULTS.items() if "{{" not in str(value)}


def find_malformed(values: dict[str, Any]) -> Iterator[Problem]:
    """What is told of the given ones beside the defaults of all others."""
    return find_in({**DATA, **PLAIN, **values})


def test_every_default_is_a_documented_option_of_the_right_type() -> None:
    assert set(DEFAULTS) <= set(OPTIONS)
    _unused, problems = check_types(PLAIN, OPTIONS)
    assert problems == []
    assert list(find_malformed(PLAIN)) == []


def test_every_option_is_described_and_typed() -> None:
    bare = [
        name
        for name, option in OPTIONS.items()
        if name not in OF_PLAYBOOKS and not {"description", "type"} <= set(option)
    ]
    assert bare == []


def test_every_option_s_default_is_the_role_s() -> None:
    told = {name: option["default"] for name, option in OPTIONS.items() if "default" in option}
    assert {name: value for name, value in told.items() if PLAIN.get(name, value) != value} == {}


REFUSED = {
    # Begins like a variable of ours.
    "sandbox_egress_alowed_names": "did you mean sandbox_egress_allowed_names?",
    "sandbox_egress_zzzzzzzzzzzz": "remove it, or give it another prefix",
    "sandbox_rollback_forced": "did you mean sandbox_rollback_force?",
    # One or two letters from one.
    "sandbox_levl": "did you mean sandbox_level?",
    "sandbox_lewell": "did you mean sandbox_level?",
    "sandbox_host": "did you mean sandbox_hosts?",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_was_meant_for_us_is_refused(name: str) -> None:
    (problem,), notes = sort_unknown({name, "sandbox_level"}, OPTIONS, ())
    assert problem.what == f"variable {name}"
    assert problem.next_step == REFUSED[name]
    assert notes == []


def test_names_of_others_are_one_note() -> None:
    problems, notes = sort_unknown(["sandbox_vpc_id", "sandbox_zone", "sandbox_level"], OPTIONS, ())
    assert problems == []
    assert notes == ["no role knows sandbox_vpc_id, sandbox_zone; if they are yours, all is well"]


def test_a_name_from_the_command_line_is_refused_whatever_it_is() -> None:
    (problem,), notes = sort_unknown(["sandbox_vpc_id", "sandbox_zone"], OPTIONS, {"sandbox_vpc_id", "other"})
    assert problem.what == "variable sandbox_vpc_id"
    assert notes == ["no role knows sandbox_zone; if it is yours, all is well"]


def test_what_tasks_set_is_known_and_never_suggested() -> None:
    assert sort_unknown({"sandbox_facts", "sandbox_unproven"}, OPTIONS, ()) == ([], [])
    (problem,), _unused = sort_unknown({"sandbox_unprovem"}, OPTIONS, {"sandbox_unprovem"})
    assert "sandbox_unproven" not in problem.next_step


def test_what_a_playbook_does_nothing_without_has_to_be_given() -> None:
    (problem,) = find_missing({"sandbox_hosts": "all"}, ["sandbox_level"])
    assert str(problem) == (
        "variable sandbox_level: found no value, expected a value; set it in the inventory, or with -e sandbox_level=…"
    )


def test_what_playbooks_and_roles_read_is_known() -> None:
    files = [*(REPO / "playbooks").rglob("*.yml"), *(REPO / "roles").glob("*/tasks/*.yml")]
    texts = (path.read_text(encoding="utf-8") for path in files)
    names = {name for text in texts for name in re.findall(r"(?<![\w.])sandbox_[a-z0-9_]+", text)}
    assert sort_unknown(names, OPTIONS, names) == ([], [])


WRONG: list[tuple[str, Any, str]] = [
    ("sandbox_level", 9, f"0 to {LEVELS[-1]}"),
    ("sandbox_docker_packages", ["docker.io; reboot"], "names of Debian packages"),
    ("sandbox_docker_packages", "docker.io", "names of Debian packages"),
    ("sandbox_docker_daemon_config", {"Live Restore": True}, "daemon.json: Live Restore is no key"),
    ("sandbox_docker_daemon_config", {"live-restore": "yes"}, 'daemon.json: live-restore is "yes"'),
    ("sandbox_container_sessions", 0, "a whole number from 1 to 1000"),
    ("sandbox_container_sessions", True, "a whole number from 1 to 1000"),
    ("sandbox_container_uid_base", 0, "a whole number from 1000"),
    ("sandbox_container_memory", "12x", "a size such as 64m"),
    ("sandbox_container_cpus", 0, "processors"),
    ("sandbox_container_home_directory", "home/x", "an absolute path"),
    ("sandbox_userns_first_id", 1000, "a whole number from 65536"),
    ("sandbox_kernel_left_out", ["ipsek"], "names of items: af_alg, appletalk"),
    ("sandbox_kernel_confirmed", "ipsec", "names of items"),
    ("sandbox_seccomp_additional", ["mount"], "sandbox_seccomp_additional: mount is a call that kills"),
    ("sandbox_seccomp_additional", "mount", "names of system calls"),
    ("sandbox_apparmor_executables", ["/tmp/x"], "a program of the image, none in /tmp"),
    ("sandbox_apparmor_executables", [], "at least one program"),
    ("sandbox_apparmor_executables_additional", ["/run/x"], "a program of the image, none in /run"),
    ("sandbox_apparmor_libraries_additional", ["/tmp/*.node"], "files of the image, none that may be in /tmp/"),
    ("sandbox_apparmor_readable_folders", ["/proc"], "a folder of the image"),
    ("sandbox_container_client_environment", ["ABLY_ B"], "names that begin with ABLY_"),
    ("sandbox_container_client_environment", ["ABLY_API_KEY", "TERM"], "names that begin with ABLY_"),
    ("sandbox_container_total_memory", "infinity", "a size such as 8g, or a part of the host's"),
    ("sandbox_container_total_memory", "0%", "a size such as 8g, or a part of the host's"),
    ("sandbox_container_total_memory", "101%", "a size such as 8g, or a part of the host's"),
    ("sandbox_container_total_cpus", 0, "processors"),
    ("sandbox_container_total_pids", 0, "a whole number from 1 to 4194304"),
    ("sandbox_container_total_pids", 5_000_000, "a whole number from 1 to 4194304"),
    ("sandbox_container_gid", 0, "a whole number from 1 to 65533"),
    ("sandbox_container_gid", 65534, "a whole number from 1 to 65533"),
    ("sandbox_container_home_volume", "../x", "the name of a volume"),
    ("sandbox_container_command", [], "command: expected a program and its arguments"),
    ("sandbox_container_environment", {"A B": "1"}, "env: expected the name of an environment variable"),
    ("sandbox_container_environment", {"A": 1}, "env.A: expected a non-empty text"),
    ("sandbox_container_users", ["root,wheel"], "names of accounts"),
    ("sandbox_container_binds", [{"source": "/x/docker.sock", "target": "/x"}], "binds[0].source: expected neither a"),
    ("sandbox_container_binds", [{"source": "/x", "target": "x"}], "binds[0].target: expected an absolute path"),
    ("sandbox_seccomp_additional", ["openat2", "opennat"], "a system call of Linux"),
    ("sandbox_image_name", "Session", "a name with a tag"),
    ("sandbox_image_suite", "trixie main", "a Debian release"),
    ("sandbox_image_npm_packages", ["a@1.0.0", "b@latest"], "a name with an exact version"),
    ("sandbox_image_npm_packages", [], "at least one package"),
    ("sandbox_image_epoch", -1, "0 or more"),
    ("sandbox_image_pull", "registry/name:1", "a name with a digest, name@sha256:"),
    ("sandbox_image_pull", f"registry/name@sha256:{'A' * 64}", "a name with a digest, name@sha256:"),
]


@pytest.mark.parametrize(("name", "value", "expected"), WRONG)
def test_a_wrong_value_is_told(name: str, value: object, expected: str) -> None:
    (problem,) = find_malformed({name: value})
    assert problem.variable == name
    assert problem.expected.startswith(expected)
    assert name in OPTIONS


TOGETHER: list[tuple[dict[str, Any], str, str]] = [
    (
        {"sandbox_container_uid_base": 65530, "sandbox_container_sessions": 7},
        "sandbox_container_uid_base",
        "at most 65529",
    ),
    (
        {"sandbox_container_home_volume": "home", "sandbox_container_sessions": 2},
        "sandbox_container_home_volume",
        "empty, or sandbox_container_sessions: 1 (now 2)",
    ),
    ({"sandbox_image_source": "pull"}, "sandbox_image_pull", "a name with a digest"),
]


@pytest.mark.parametrize(("changes", "name", "expected"), TOGETHER)
def test_values_that_do_not_go_together_are_told(changes: dict[str, Any], name: str, expected: str) -> None:
    (problem,) = find_malformed(changes)
    assert problem.what == f"variable {name}"
    assert problem.expected.startswith(expected)


FINE: list[dict[str, Any]] = [
    {"sandbox_container_uid_base": 65530, "sandbox_container_sessions": 6},
    {"sandbox_container_home_volume": "home", "sandbox_container_sessions": 1},
    {"sandbox_image_source": "pull", "sandbox_image_pull": f"registry:5000/name@sha256:{'a' * 64}"},
    {"sandbox_container_total_memory": "8g"},
    {"sandbox_container_total_memory": "100%"},
    {"sandbox_container_total_memory": 1 << 33},
    {"sandbox_container_users": ["terminal", "www-data"]},
    {"sandbox_container_users": ["john.doe", "DOM\\user", "john@corp.example"]},
    {"sandbox_container_environment": {"DAY": date(2026, 1, 1)}},
    {"sandbox_container_binds": [{"source": "/srv/docs", "target": "/docs"}]},
]


@pytest.mark.parametrize("changes", FINE)
def test_what_makes_sense_is_no_problem(changes: dict[str, Any]) -> None:
    assert list(find_malformed(changes)) == []


@pytest.mark.parametrize(
    ("name", "value", "observed"),
    [
        ("sandbox_egress_subnet", "10.213.0.0/33", "'10.213.0.0/33'"),
        ("sandbox_egress_subnet", "198.51.100.0/24", "198.51.100.0/24"),
        ("sandbox_egress_gateway", "10.9.9.9", "10.9.9.9"),
        ("sandbox_egress_allowed_names", ["*"], "'*'"),
        ("sandbox_egress_allowed_names", ["ably.io", "ABLY.io"], ""),
        ("sandbox_egress_connections", 0, "0"),
        ("sandbox_egress_resolvers", ["one"], "'one'"),
    ],
)
def test_a_wrong_value_of_the_egress_control_is_told(name: str, value: object, observed: str) -> None:
    (problem,) = find_malformed({name: value})
    assert problem.variable == name
    assert problem.observed.startswith(observed)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("sandbox_container_pids", "many", "a whole number"),
        ("sandbox_allow_rollback", "perhaps", "true or false"),
        ("sandbox_docker_daemon_config", "x", "a table"),
        ("sandbox_image_source", "stolen", "one of "),
    ],
)
def test_a_wrong_type_is_told(name: str, value: object, expected: str) -> None:
    typed, (problem,) = check_types({name: value}, OPTIONS)
    assert typed == {}
    assert problem.expected.startswith(expected)


def test_a_long_value_is_cut_short() -> None:
    _unused, (problem,) = check_types({"sandbox_container_pids": "9" * 50 + "x" * 500}, OPTIONS)
    assert len(problem.observed) < 70


def test_values_come_back_as_ansible_converts_them() -> None:
    typed, problems = check_types({"sandbox_container_cpus": "0.5", "sandbox_level": "1"}, OPTIONS)
    assert (typed, problems) == ({"sandbox_container_cpus": 0.5, "sandbox_level": 1}, [])
    assert list(find_malformed(typed)) == []


@pytest.mark.parametrize("name", ["sandbox_egress_proxy_uid", "sandbox_egress_subnet", "sandbox_docker_packages"])
def test_nothing_is_no_value_where_there_is_a_default(name: str) -> None:
    typed, (problem,) = check_types({name: None}, OPTIONS)
    assert (typed, problem.observed) == ({}, "no value (null)")
    assert "or leave the variable out for its default" in problem.next_step
    assert choose_variables(typed, [problem], OPTIONS)[name] == OPTIONS[name]["default"]


def test_a_wrong_subnet_is_told_beside_other_wrong_values_and_the_rest_is_still_looked_at() -> None:
    given = {"sandbox_egress_subnet": "10.213.0.1/24", "sandbox_egress_connections": "many"}
    typed, wrong = check_types(given, OPTIONS)
    problems = [*wrong, *find_malformed(typed)]
    assert {problem.what for problem in problems} == {f"variable {name}" for name in given}
    assert choose_variables(typed, problems, OPTIONS)["sandbox_egress_subnet"] == "10.213.0.0/24"


def test_a_wrong_number_of_sessions_is_told_once() -> None:
    (problem,) = find_malformed({"sandbox_container_sessions": 5000})
    assert problem.expected == "a whole number from 1 to 1000"


def test_what_only_a_build_reads_is_nobody_else_s_business() -> None:
    values = {"sandbox_image_source": "archive", "sandbox_image_npm_packages": [], "sandbox_image_name": "x"}
    assert list(find_malformed(values)) == []


def test_a_value_that_follows_from_a_wrong_one_is_not_told() -> None:
    """Of the derived ones; those that are wrong as they were written are, and a circle is."""
    given = {
        "sandbox_container_pids": "0",
        "sandbox_container_total_pids": "{{ sandbox_container_pids | int * 4 }}",
        "sandbox_container_gid": "{{ sandbox_container_pids_of_mine }}",
        "sandbox_image_name": "{{ sandbox_image_suite }}",
        "sandbox_image_suite": "{{ sandbox_image_name }}",
    }
    problems = [wrong_value(name, 0, "another") for name in given]
    told = [problem.variable for problem in drop_consequences(problems, given)]
    assert told == [name for name in given if name != "sandbox_container_total_pids"]
