"""The tool that tells whether a host is as it was. What it leaves out is left out on purpose."""

from __future__ import annotations

from ansible_collections.ably.sandbox.tests.integration.fingerprint import EXCLUSIONS, read_ruleset

RULESET = """table inet t {
\tset open {
\t\ttype ipv4_addr
\t\tsize 256
\t\tflags dynamic
\t\telements = { 10.213.0.2 ct count over 40 ,
\t\t\t     10.213.0.3 ct count over 40  }
\t}

\tset allowed {
\t\ttype ipv4_addr
\t\telements = { 198.51.100.1,
\t\t\t     198.51.100.2 }
\t}

\tchain c {
\t\ttype filter hook forward priority filter; policy drop;
\t\tip saddr @allowed accept
\t}
}
"""


def test_what_packets_put_into_a_set_is_left_out_and_what_an_operator_put_in_is_not() -> None:
    assert read_ruleset(RULESET) == {
        "table inet t": "",
        "table inet t set open": "type ipv4_addr\nsize 256\nflags dynamic",
        "table inet t set allowed": "type ipv4_addr\nelements = { 198.51.100.1,\n198.51.100.2 }",
        "table inet t chain c": "type filter hook forward priority filter; policy drop;\nip saddr @allowed accept",
    }


def test_ten_places_at_the_most_are_left_out_each_for_a_reason() -> None:
    assert 0 < len(EXCLUSIONS) <= 10
    assert all(EXCLUSIONS.values())
