"""The lists that the filter is made from: what the role has, and what is refused of others, by its name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.seccomp import ARGUMENTS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.calls import SeccompError, parse_calls
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    SeccompPolicy,
    read_calls,
    render_profile,
)
from ansible_collections.ably.sandbox.tests.role_data import CALLS, SECCOMP

Change = Callable[[dict[str, Any]], object]


def entry(params: dict[str, Any], of: str, name: str) -> Any:
    return next(found for found in params[of] if found["name"] == name)


def argument(params: dict[str, Any], name: str, place: int = 0) -> Any:
    return entry(params, "rules", name)["arguments"][place]


# What is changed in the role's lists, and what is said of it.
WRONG: dict[str, tuple[Change, str]] = {
    "a misspelt call": (
        lambda p: entry(p, "groups", "memory")["calls"].append("mmapp"),
        "group 'memory': 'mmapp' is no system call",
    ),
    "a misspelt tripwire": (
        lambda p: entry(p, "tripwires", "namespaces")["calls"].append("setNS"),
        "group 'namespaces': 'setNS' is no system call",
    ),
    "a call twice in a group": (
        lambda p: entry(p, "groups", "memory")["calls"].append("mmap"),
        "group 'memory': mmap is in group 'memory' already",
    ),
    "a call in two groups": (
        lambda p: entry(p, "groups", "polling")["calls"].append("mmap"),
        "group 'polling': mmap is in group 'memory' already",
    ),
    "a tripwire that is allowed": (
        lambda p: entry(p, "groups", "time")["calls"].append("ptrace"),
        "group 'other processes': ptrace is in group 'time' already",
    ),
    "a call with a rule that is allowed anyhow": (
        lambda p: entry(p, "groups", "sockets")["calls"].append("socket"),
        "rule 'TCP': socket is in group 'sockets' already",
    ),
    "a call that no filter can judge": (
        lambda p: entry(p, "groups", "processes")["calls"].append("clone3"),
        "group 'processes': clone3 is in the calls that no filter can judge already",
    ),
    "no reason": (
        lambda p: entry(p, "groups", "time").update(reason=" "),
        "group 'time': expected a reason, found ' '",
    ),
    "a rule without a reason": (
        lambda p: entry(p, "rules", "UDP").update(reason=""),
        "rule 'UDP': expected a reason, found ''",
    ),
    "no name": (lambda p: p["groups"][1].update(name=""), "group 2: expected a name, found ''"),
    "two groups of a name": (lambda p: p["groups"][1].update(name="time"), "group 'time' is there twice"),
    "no calls": (lambda p: entry(p, "groups", "time").update(calls=[]), "group 'time': expected calls, found none"),
    "a misspelt call of a rule": (
        lambda p: entry(p, "rules", "UDP").update(call="sockets"),
        "rule 'UDP': 'sockets' is no system call",
    ),
    "a rule without arguments": (
        lambda p: entry(p, "rules", "pairs of sockets").update(arguments=[]),
        "rule 'pairs of sockets': expected arguments, found none, which would allow them all",
    ),
    "an argument twice": (
        lambda p: argument(p, "TCP", 1).update(index=0),
        "rule 'TCP': argument 0 is there twice",
    ),
    "no such argument": (
        lambda p: argument(p, "UDP").update(index=6),
        "rule 'UDP': argument 6: expected an index from 0 to 5",
    ),
    "no values": (
        lambda p: argument(p, "UDP").update(values={}),
        "rule 'UDP': argument 0: expected values, found none",
    ),
    "a value that is no number": (
        lambda p: argument(p, "UDP")["values"].update(AF_X="2"),
        "rule 'UDP': argument 0: AF_X: expected a number of at most 64 bits, found '2'",
    ),
    "a value twice": (
        lambda p: argument(p, "UDP")["values"].update(AF_X=2),
        "rule 'UDP': argument 0: AF_X: 2 is there twice",
    ),
    "a value beside the mask": (
        lambda p: argument(p, "UDP", 1)["values"].update(SOCK_X=0x12),
        "rule 'UDP': argument 1: SOCK_X: expected bits of the mask 0xf, found 0x12",
    ),
    "an empty mask": (
        lambda p: argument(p, "UDP", 1).update(mask=0),
        "rule 'UDP': argument 1: expected a mask of at most 64 bits, found 0",
    ),
    "the same rule twice": (
        lambda p: p["rules"].append({**entry(p, "rules", "local sockets"), "name": "again"}),
        "rule 'again': allows of socket what rule 'local sockets' allows",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_by_name(what: str) -> None:
    change, said = WRONG[what]
    params = copy.deepcopy(SECCOMP)
    change(params)
    with pytest.raises(SeccompError) as refused:
        parse_calls(params)
    assert said in refused.value.message.removeprefix("seccomp: ").split("; ")


def test_all_that_is_wrong_is_told_at_once() -> None:
    params = copy.deepcopy(SECCOMP)
    for what in ("no reason", "a misspelt call"):
        WRONG[what][0](params)
    with pytest.raises(SeccompError, match=r"group 'time': expected a reason.*'mmapp' is no system call"):
        parse_calls(params)


def test_the_module_takes_what_the_role_gives() -> None:
    taken = ArgumentSpecValidator(ARGUMENTS).validate(SECCOMP)
    assert taken.error_messages == []
    assert parse_calls(taken.validated_parameters) == CALLS


def test_a_rule_is_every_combination_of_its_values() -> None:
    (rule,) = [rule for rule in CALLS.rules if rule.name == "TCP"]
    values = [[condition.value for condition in conditions] for conditions in rule.combinations]
    assert values == [[2, 1, 0], [2, 1, 6], [10, 1, 0], [10, 1, 6]]


def test_a_profile_says_what_it_was_made_from() -> None:
    read = read_calls(render_profile(SeccompPolicy(CALLS, "x86_64", (*CALLS.names, "eventfd"), ("eventfd",))))
    assert read.allowed == {*CALLS.allowed, "eventfd"}
    assert (read.ruled, read.killed) == (set(CALLS.ruled), set(CALLS.killed))
