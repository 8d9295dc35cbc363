"""Which name the proof asks for, what a name server's answer says, and why the gateway closed a connection."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Address

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.names import EgressError
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.probe import (
    FOREIGN_NAME,
    NO_SUCH_NAME,
    ProbeError,
    choose_name,
    encode_question,
    explain_proxy,
    parse_answer,
)

GATEWAY = IPv4Address("10.213.0.1")


@pytest.mark.parametrize(
    ("wanted", "allowed", "chosen"),
    [
        ("realtime.ably.io", ["*.ably.io"], ("realtime.ably.io", True)),
        ("realtime.ably.io", ["*.example.com", "rest.ably.io"], ("rest.ably.io", True)),
        ("", ["*.ably.io", "rest.ably.io"], ("rest.ably.io", True)),
        ("", ["*.ably.io"], ("ably-sandbox-verify.ably.io", False)),
        ("realtime.ably.io", ["*.example.com"], ("ably-sandbox-verify.example.com", False)),
    ],
)
def test_the_name_that_is_asked_for(wanted: str, allowed: list[str], chosen: tuple[str, bool]) -> None:
    assert choose_name(wanted, allowed) == chosen


def test_without_allowed_names_there_is_nothing_to_ask() -> None:
    with pytest.raises(EgressError):
        choose_name("", [])


def answer(number: int, code: int, *addresses: str) -> bytes:
    head = struct.pack("!6H", number, 0x8180 | code, 1, len(addresses), 0, 0)
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(each) for each in addresses)
    return head + encode_question("rest.ably.io", number)[12:] + records


def test_an_answer_is_read() -> None:
    assert parse_answer(answer(7, 0, "10.213.0.1"), 7) == (0, GATEWAY)
    assert parse_answer(answer(7, NO_SUCH_NAME), 7) == (NO_SUCH_NAME, None)


@pytest.mark.parametrize("data", [b"", b"\0" * 11, answer(8, 0, "10.213.0.1")])
def test_another_answer_is_refused(data: bytes) -> None:
    with pytest.raises(ProbeError):
        parse_answer(data, 7)


def test_the_question_is_for_an_address() -> None:
    assert encode_question("a.bc", 5) == bytes.fromhex("0005 0100 0001 0000 0000 0000") + b"\1a\2bc\0\0\1\0\1"
    assert FOREIGN_NAME.endswith(".invalid")


# As HAProxy 3.0 wrote them in the lab.
LOG = [
    "refused session=10.213.0.2:50414 name=realtime.ably.io to=- reason=name-not-resolved state=PR",
    "admitted session=10.213.0.2:44190 name=realtime.ably.io to=198.51.100.10 reason=- state=SC",
    "refused session=10.213.0.2:50430 name=x.invalid to=- reason=name-not-allowed state=PR",
]


@pytest.mark.parametrize(
    ("session", "is_outside", "said"),
    [
        ("10.213.0.2:50414", True, "do not resolve it"),
        ("10.213.0.2:44190", True, "could not connect to it (HAProxy's termination state SC)"),
        ("10.213.0.2:50430", False, "the gateway refused it: name-not-allowed"),
        ("10.213.0.2:5043", False, "without a word in its log"),
    ],
)
def test_why_the_gateway_closed(session: str, is_outside: bool, said: str) -> None:
    found, reason = explain_proxy(LOG, session)
    assert (found, said in reason) == (is_outside, True), reason
