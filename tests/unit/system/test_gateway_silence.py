"""A gateway that says nothing has not refused anything."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.probe import ProbeError
from ansible_collections.ably.sandbox.plugins.module_utils._system import gateway_probe

HERE = IPv4Address("127.0.0.1")


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.create_server((str(HERE), 0)) as listener:
        monkeypatch.setattr(gateway_probe, "_TLS_PORT", listener.getsockname()[1])
        monkeypatch.setattr(gateway_probe, "_FOREIGN_SECONDS", 0.3)
        monkeypatch.setattr(gateway_probe, "_GREETING_SECONDS", 0.3)
        yield listener


def test_silence_is_no_refusal(listener: socket.socket) -> None:
    assert listener
    with pytest.raises(ProbeError, match=r"expected that it is refused, found silence for 0\.3 s"):
        gateway_probe.check_refusal(HERE)


def test_silence_is_no_answer(listener: socket.socket) -> None:
    assert listener
    session, _unused = gateway_probe.greet(HERE, "rest.ably.io")
    assert session.startswith("127.0.0.1:")


def test_a_closed_connection_is_a_refusal(listener: socket.socket) -> None:
    def close() -> None:
        connection, _unused = listener.accept()
        connection.close()

    closing = threading.Thread(target=close)
    closing.start()
    gateway_probe.check_refusal(HERE)
    closing.join()


def test_what_takes_long_is_done_before_the_connection(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway takes a connection that is silent for 3 s for one that is not TLS: a slow host was told so."""
    listener.setblocking(False)
    make_context = gateway_probe._make_context

    def with_nobody_connected() -> ssl.SSLContext:
        with pytest.raises(BlockingIOError):
            listener.accept()
        return make_context()

    monkeypatch.setattr(gateway_probe, "_make_context", with_nobody_connected)
    gateway_probe.greet(HERE, "rest.ably.io")
    listener.accept()[0].close()
