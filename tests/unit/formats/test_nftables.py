"""nftables listings as text, from recorded output."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.nftables import (
    TableName,
    find_foreign_rules,
    find_tables,
    parse_table_name,
    render_swap,
    without_dynamic_members,
)
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case


def test_a_table_s_name_is_read() -> None:
    assert parse_table_name("inet ably_sandbox") == TableName("inet", "ably_sandbox")


@pytest.mark.parametrize("text", ["ably_sandbox", "inet", "inet ", "inet a b", "inet a;flush", "tcp x", 'inet "a"'])
def test_another_name_is_refused(text: str) -> None:
    with pytest.raises(SandboxError, match="expected a family and a name"):
        parse_table_name(text)


@pytest.mark.parametrize("version", ["1.0.6", "1.1.3"])
def test_members_that_rules_add_are_left_out_and_others_stay(version: str) -> None:
    listing = read_case(f"nftables/sets-{version}.txt")
    kept = without_dynamic_members(listing)
    gone = [line for line in listing.splitlines() if line not in kept.splitlines()]
    assert gone == ["\t\telements = { 10.0.0.7 timeout 50s }"]
    assert without_dynamic_members(kept) == kept


def test_members_on_several_lines_are_left_out() -> None:
    listing = "table ip a {\n\tset s {\n\t\tflags dynamic\n\t\telements = { 10.0.0.1,\n\t\t\t     10.0.0.2 }\n\t}\n}\n"
    assert without_dynamic_members(listing) == "table ip a {\n\tset s {\n\t\tflags dynamic\n\t}\n}\n"


def test_a_fixed_set_after_a_dynamic_one_keeps_its_members() -> None:
    listing = (
        "table ip a {\n\tset s {\n\t\tflags dynamic\n\t\telements = { 10.0.0.1 }\n\t}\n"
        "\tset t {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.2 }\n\t}\n}\n"
    )
    assert "10.0.0.1" not in without_dynamic_members(listing)
    assert "10.0.0.2" in without_dynamic_members(listing)


def test_tables_of_a_ruleset_are_found() -> None:
    assert find_tables("table inet a {\n}\nadd table ip b\n  table bridge c{}\n") == ("inet a", "ip b", "bridge c")
    assert find_tables(read_case("nftables/sets-1.1.3.txt")) == ("inet ably_sandbox",)


def test_a_swap_is_one_transaction_that_also_works_where_there_is_no_table() -> None:
    table = TableName("inet", "a")
    assert render_swap(table, None) == "add table inet a\ndelete table inet a\n"
    assert render_swap(table, "table inet a {\n}\n\n") == "add table inet a\ndelete table inet a\ntable inet a {\n}\n"


@pytest.mark.parametrize("case", ["docker-26.1-ip-nat", "docker-26.1-ip-filter"])
def test_docker_s_own_rules_are_not_foreign(case: str) -> None:
    assert find_foreign_rules(read_case(f"nftables/{case}.txt")) == ()


def test_another_s_rule_is_foreign() -> None:
    listing = read_case("nftables/docker-26.1-ip-filter-and-others.txt")
    assert find_foreign_rules(listing) == ("ip saddr 10.9.9.9 counter drop",)
