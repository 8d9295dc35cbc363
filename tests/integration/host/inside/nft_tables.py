"""A table is loaded in one transaction, compared as the kernel lists it, and others' tables are not touched."""

from __future__ import annotations

import subprocess

from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import package
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._formats.nftables import TableName
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.nft_table import list_elsewhere
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    apply_twice,
    control,
    observe,
    refused,
    roll_back,
    say,
)
from ansible_collections.ably.sandbox.tests.states import present

NAME = "inet ably_test"
SOURCE = """
table inet ably_test {
  set fixed { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 } }
  set seen { type ipv4_addr; flags dynamic,timeout; timeout 1m; size 100; }
  counter hits { }
  chain input {
    type filter hook input priority -10; policy accept;
    ip saddr @fixed tcp dport {53,443} counter accept
    ip saddr 127.0.0.0/8 icmp type echo-request update @seen { ip saddr limit rate 10/second } counter name hits accept
    iifname "nosuch" limit rate 5/second log prefix "test " counter drop
  }
}
"""


def table(source: str) -> Wish:
    return Wish(Resource("nft_table", NAME), present(ruleset=source))


def load(text: str) -> None:
    subprocess.run(("nft", "-f", "-"), input=text, text=True, check=True)


def absent_without_nft() -> None:
    assert observe("nft_table", NAME) == ABSENT


def come_and_go() -> None:
    load("table ip others { chain c { }; }")
    others = say("nft", "list", "ruleset")
    apply_twice(control("egress", table(SOURCE)))
    assert say("nft", "-s", "-t", "list", "table", *NAME.split()) == list_elsewhere(
        TableName("inet", "ably_test"), SOURCE, "--terse"
    )
    load("add element inet ably_test seen { 10.9.9.9 }")
    assert apply(control("egress", table(SOURCE))) == []
    assert apply(control("egress", table(SOURCE.replace("10.0.0.2", "10.0.0.3")))) == [f"nft_table {NAME}"]
    assert "10.0.0.3" in say("nft", "list", "set", *NAME.split(), "fixed")
    roll_back("egress")
    assert say("nft", "list", "ruleset") == others
    load("delete table ip others")


def bring_back_what_was_there() -> None:
    load(SOURCE)
    before = observe("nft_table", NAME)
    apply(control("egress", table("table inet ably_test { chain other { }; }")))
    assert observe("nft_table", NAME) != before
    roll_back("egress")
    assert observe("nft_table", NAME) == before
    load("delete table inet ably_test")


def repair_a_wiped_table() -> None:
    apply(control("egress", table(SOURCE)))
    say("nft", "flush", "ruleset")
    assert apply(control("egress", table(SOURCE))) == [f"nft_table {NAME}"]
    roll_back("egress")
    assert observe("nft_table", NAME) == ABSENT


def refuse_what_nft_refuses() -> None:
    with refused("refused by nft", "syntax error"):
        apply(control("egress", table("table inet ably_test { bogus }")))
    with refused("its ruleset defines inet other"):
        apply(control("egress", table("table inet other { }")))
    with refused("expected a family and a name"):
        apply(control("egress", Wish(Resource("nft_table", "ably_test"), present(ruleset=SOURCE))))
    assert observe("nft_table", NAME) == ABSENT


if __name__ == "__main__":
    absent_without_nft()
    apply(control("packages", package("nftables")))
    for check in (come_and_go, bring_back_what_was_there, repair_a_wiped_table, refuse_what_nft_refuses):
        print(check.__name__, flush=True)
        check()
    roll_back()
