"""Variables in shapes that nobody thought of: misspelt in our mark, endless, with keys that are no texts, merged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible import constants

from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import (
    find_malformed,
    is_for_us,
    sort_unknown,
)
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    check_types,
    choose_variables,
    defaults_of,
    load_data,
    load_options,
)

OPTIONS: dict[str, Any] = load_options()
KEYED_BY_NUMBER = {1: 1, "a": 2}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sanbox_container_pids", "sandbox_container_pids"),
        ("sandboxcontainer_pids", "sandbox_container_pids"),
        ("sandbox-level", "sandbox_level"),
    ],
)
def test_a_name_that_is_misspelt_in_our_mark_is_refused(name: str, meant: str) -> None:
    assert is_for_us(name, OPTIONS)
    (problem,), notes = sort_unknown([name], OPTIONS, ())
    assert (problem.what, problem.next_step, notes) == (f"variable {name}", f"did you mean {meant}?", [])


@pytest.mark.parametrize("name", ["ansible_level", "box_level", "container_pids", "sandbar_lvl", "egress_subnet", ""])
def test_a_name_without_our_mark_is_somebody_else_s(name: str) -> None:
    assert not is_for_us(name, OPTIONS)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("sandbox_container_runtime_max", "infinity", "a whole number"),
        ("sandbox_container_runtime_max", float("inf"), "a whole number"),
        ("sandbox_level", float("nan"), "a whole number"),
        ("sandbox_container_binds", {1: "/a"}, "a list that Ansible can read ("),
        ("sandbox_docker_daemon_config", KEYED_BY_NUMBER, "a table whose keys are texts"),
    ],
)
def test_what_ansible_s_own_check_stumbles_over_is_told(name: str, value: object, expected: str) -> None:
    typed, (problem, other) = check_types({name: value, "sandbox_container_pids": "many"}, OPTIONS)
    assert typed == {}
    assert (problem.variable, other.variable) == (name, "sandbox_container_pids")
    assert problem.expected.startswith(expected)


def test_what_a_check_of_ours_stumbles_over_is_told() -> None:
    given = {"sandbox_docker_daemon_config": KEYED_BY_NUMBER, "sandbox_container_pids": 0}
    found = list(find_malformed({**load_data(), **defaults_of(OPTIONS), **given}))
    assert {problem.variable for problem in found} == set(given)


@pytest.mark.parametrize(
    ("behaviour", "others"), [("merge", {"live-restore", "no-new-privileges"}), ("replace", set())]
)
def test_a_table_is_judged_as_the_role_has_it(
    monkeypatch: pytest.MonkeyPatch, behaviour: str, others: set[str]
) -> None:
    """With private_role_vars, preflight is given the group's table alone, whatever Ansible makes of it in the role."""
    monkeypatch.setattr(constants, "DEFAULT_HASH_BEHAVIOUR", behaviour)
    chosen = choose_variables({"sandbox_docker_daemon_config": {"log-level": "warn"}}, (), OPTIONS)
    assert set(chosen["sandbox_docker_daemon_config"]) == {"log-level", *others}
