"""Items of the kernel: what is closed, what is left, what is in use, and what is told of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.control import (
    FRAGMENT,
    MODULE_RULES,
    PARAMETERS,
    kernel_control,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.items import (
    ITEMS,
    MODULES,
    NOTHING,
    SYSCTLS,
    check_items,
    closed_sysctls,
    count_users,
    describe_gaps,
    is_closed,
    printable,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.others_files import (
    parse_commands,
    parse_parameters,
    parse_wanted,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.preflight import find_problems_in_items
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control
from ansible_collections.ably.sandbox.tests.role_templates import render_module_rules

OPEN = {name: "0" if item.closed[0] != "0" else "1" for name, item in SYSCTLS.items()}
USED = replace(NOTHING, uses={"af_alg": ("module af_alg has 1 user",), "kernel.io_uring_disabled": ("db has one",)})
MODULES_TEXT = """\
algif_hash 16384 1 - Live 0x0000000000000000
af_alg 36864 2 algif_hash, Live 0x0000000000000000
esp4 28672 1 - Live 0x0000000000000000
xfrm_user 61440 0 - Live 0x0000000000000000
ext4 1000000 3 - Live 0x0000000000000000
"""
CONFIG = """\
alias net_pf_38 af_alg
install af_alg /bin/false
install esp4 /usr/local/sbin/load-esp $CMDLINE_OPTS
install rds* load
options kvm nested=1
"""


def make_control(
    left_out: list[str], sysctls: dict[str, str] | None = None, written: dict[str, str] | None = None
) -> Control:
    rules = render_module_rules(left_out)
    return kernel_control(left_out, OPEN if sysctls is None else sysctls, written or {}, rules)


def facts_of(left_out: list[str], path: str, sysctls: dict[str, str] | None = None) -> str:
    control = make_control(left_out, sysctls)
    return next(str(wish.state.fact("content")) for wish in control.wishes if wish.state and wish.resource.name == path)


def test_no_module_belongs_to_two_items() -> None:
    modules = [module for item in MODULES.values() for module in item.modules]
    assert len(modules) == len(set(modules))
    assert len(ITEMS) == len(set(ITEMS)) == len(MODULES) + len(SYSCTLS)


@pytest.mark.parametrize("name", MODULES)
def test_a_group_of_modules_is_left_out_by_name(name: str) -> None:
    lines = {f"install {module} /bin/false" for module in MODULES[name].modules}
    assert lines <= set(facts_of([], MODULE_RULES).splitlines())
    assert not lines & set(facts_of([name], MODULE_RULES).splitlines())


@pytest.mark.parametrize("name", SYSCTLS)
def test_a_parameter_is_left_out_by_name(name: str) -> None:
    closed = {wish.resource.name: wish.state for wish in make_control([]).wishes if wish.resource.kind == "sysctl"}
    assert set(closed) == set(SYSCTLS)
    state = closed[name]
    assert state is not None
    assert is_closed(name, state.fact("value"))
    assert not is_closed(name, OPEN[name])
    assert f"-{name} = {state.fact('value')}" in facts_of([], PARAMETERS).splitlines()
    without = make_control([name]).wishes
    assert name not in {wish.resource.name for wish in without}
    assert name not in facts_of([name], PARAMETERS) + facts_of([name], FRAGMENT)


def test_what_is_closed_already_stays_and_what_is_not_there_is_passed_over() -> None:
    there = {"kernel.io_uring_disabled": "2", "kernel.unprivileged_bpf_disabled": "1", "kernel.kptr_restrict": "0"}
    assert closed_sysctls([], there, {}) == {**there, "kernel.kptr_restrict": "1"}


def test_the_session_goes_by_what_was_written() -> None:
    said = json.loads(facts_of([], FRAGMENT))["kernel"]
    assert said["sha256"] == hashlib.sha256(facts_of([], MODULE_RULES).encode()).hexdigest()
    assert said["sysctls"] == closed_sysctls([], OPEN, {})


def test_a_template_that_closes_less_is_refused() -> None:
    with pytest.raises(SandboxError, match=r"module rules: expected a line `install dccp /bin/false`, found none"):
        kernel_control([], OPEN, {}, render_module_rules(["dccp"]))


def test_a_name_that_is_no_items_is_refused() -> None:
    check_items("left_out", ["ipsec"])
    with pytest.raises(SandboxError, match=r"left_out: expected names of items, found 'ipsek'"):
        check_items("left_out", ["ipsec", "ipsek"])


def test_users_but_for_modules_of_the_same_item_are_counted() -> None:
    assert count_users(MODULES_TEXT) == {"af_alg": 1, "algif_hash": 1, "esp4": 1, "xfrm_user": 0}


def test_commands_that_load_something_are_read() -> None:
    rds = [("rds", f"{module}: load") for module in MODULES["rds"].modules]
    assert list(parse_commands(CONFIG)) == [("ipsec", "esp4: /usr/local/sbin/load-esp $CMDLINE_OPTS"), *rds]


@pytest.mark.parametrize(
    "command", ["/bin/false", "/usr/bin/false", "/bin/true", "true", "false", ":", "/bin/true --quiet"]
)
def test_commands_that_load_nothing_are_passed_over(command: str) -> None:
    assert list(parse_commands(f"install dccp {command}\n")) == []


def test_values_that_open_a_parameter_are_read() -> None:
    text = "# x\nkernel.io_uring_disabled=0\n-kernel/kptr_restrict = 0\nkernel.dmesg_restrict = 1\nvm.swappiness = 1\n"
    assert list(parse_parameters(text)) == [("kernel.io_uring_disabled", "0"), ("kernel.kptr_restrict", "0")]


def test_modules_that_are_loaded_at_boot_are_read() -> None:
    assert list(parse_wanted("# sctp\n; rds\ntipc\n8021q\nx-25\n")) == [("tipc", "tipc")]


def test_names_that_anybody_chose_are_shown_on_one_line() -> None:
    assert printable("x\ny\x1b[2J ü") == "x\\x0ay\\x1b[2J ü"


def test_what_somebody_has_closed_in_another_way_since_is_theirs() -> None:
    control = make_control([], {"kernel.kptr_restrict": "2"}, {"kernel.kptr_restrict": "1"})
    assert [wish.resource.name for wish in control.wishes if wish.resource.kind == "sysctl"] == []
    texts = {wish.resource.name: str(wish.state.fact("content")) for wish in control.wishes if wish.state}
    assert "-kernel.kptr_restrict = 1" in texts[PARAMETERS]
    opened = make_control([], {"kernel.kptr_restrict": "0"}, {"kernel.kptr_restrict": "1"})
    assert [wish.resource.name for wish in opened.wishes if wish.resource.kind == "sysctl"] == ["kernel.kptr_restrict"]


def test_what_is_used_is_refused_by_name_with_its_use() -> None:
    told = [str(problem) for problem in find_problems_in_items(USED, (), (), ())]
    assert [text.partition(":")[0] for text in told] == ["kernel item af_alg", "kernel item kernel.io_uring_disabled"]
    assert "found module af_alg has 1 user, expected nothing on this host that uses it" in told[0]
    assert "sandbox_kernel_left_out" in told[0]


@pytest.mark.parametrize("way", ["left_out", "confirmed", "closed"])
def test_what_is_used_and_left_out_confirmed_or_closed_before_is_no_problem(way: str) -> None:
    given = {"closed": (), "left_out": (), "confirmed": (), way: ("af_alg",)}
    told = [problem.what for problem in find_problems_in_items(USED, **given)]
    assert told == ["kernel item kernel.io_uring_disabled"]


@pytest.mark.parametrize("way", ["none", "closed", "confirmed"])
def test_a_rule_that_counts_instead_of_ours_is_always_told(way: str) -> None:
    facts = replace(NOTHING, before_ours={"ipsec": ("/etc/modprobe.d/00-a.conf has a command for esp4: load",)})
    given = {"closed": (), "left_out": (), "confirmed": (), way: ("ipsec",)}
    given.pop("none", None)
    (told,) = find_problems_in_items(facts, **given)
    assert str(told).startswith("kernel item ipsec: found /etc/modprobe.d/00-a.conf has a command for esp4: load")
    assert list(find_problems_in_items(facts, (), ("ipsec",), ())) == []


def test_gaps_are_told() -> None:
    facts = replace(NOTHING, loaded={"af_alg": 0, "can": 0}, builtin=frozenset({"can"}))
    assert describe_gaps([], facts) == (
        "af_alg: in effect after a reboot, af_alg is loaded already",
        "can: not possible here, can is part of this kernel",
    )
    assert describe_gaps(["af_alg", "can"], facts) == ()
    told = describe_gaps([], replace(NOTHING, sysctls={}))
    assert "kernel.io_uring_disabled: not possible here, this kernel does not have it" in told
    assert len(told) == len(SYSCTLS)
