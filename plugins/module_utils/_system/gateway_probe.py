"""Asking the gateway as a session does: a name, a greeting over TLS. For use in the session's network namespace."""

from __future__ import annotations

import socket
import ssl
import time
from ipaddress import IPv4Address

from .._controls.egress.probe import (
    FOREIGN_NAME,
    NO_SUCH_NAME,
    ProbeError,
    encode_question,
    explain_proxy,
    parse_answer,
)
from .._controls.egress.units import PROXY_UNIT
from .commands import run_command

_DNS_PORT, _TLS_PORT = 53, 443
_LOOK_UPS, _LOOK_UP_SECONDS = 3, 2.0
_CONNECT_SECONDS = 5.0
# The gateway itself tries for 10 s to connect to the other side.
_GREETING_SECONDS = 25.0
_FOREIGN_SECONDS = 10.0
_LOG_SECONDS = 5.0
_LOG_STEP = 0.5


def look_up(gateway: IPv4Address, name: str) -> None:
    """ProbeError unless the allowed name leads to the gateway and a foreign one does not exist."""
    code, address = _ask(gateway, name)
    if address != gateway:
        raise ProbeError(
            f"name server {gateway}: {name}: expected {gateway}, found {address or f'code {code}'}",
            f"see whether {name} is one of sandbox_egress_allowed_names, and journalctl -u ably-sandbox-dns",
        )
    code, address = _ask(gateway, FOREIGN_NAME)
    if code != NO_SUCH_NAME:
        raise ProbeError(f"name server {gateway}: {FOREIGN_NAME}: expected that there is none, found {address or code}")


def greet(gateway: IPv4Address, name: str) -> tuple[str, float]:
    """Says a TLS hello for an allowed name. The session's address and port where nobody answered it, and since when.

    The address is empty when somebody did. ProbeError where there is no gateway.
    """
    since, context = time.time(), _make_context()
    with _connected(gateway) as plain:
        plain.settimeout(_GREETING_SECONDS)
        host, port = plain.getsockname()
        try:
            is_greeted = _is_greeted(context, plain, name)
        except TimeoutError:
            is_greeted = False
        return ("" if is_greeted else f"{host}:{port}"), since


def check_refusal(gateway: IPv4Address) -> None:
    """ProbeError unless a TLS hello for a foreign name is refused."""
    context = _make_context()
    with _connected(gateway) as plain:
        plain.settimeout(_FOREIGN_SECONDS)
        try:
            is_greeted = _is_greeted(context, plain, FOREIGN_NAME)
        except TimeoutError as error:
            found = f"silence for {_FOREIGN_SECONDS:g} s"
            raise ProbeError(
                f"gateway {gateway}: {FOREIGN_NAME}: expected that it is refused, found {found}",
                f"see `systemctl status {PROXY_UNIT}`",
            ) from error
        if is_greeted:
            raise ProbeError(f"gateway {gateway}: {FOREIGN_NAME}: expected that it is refused, found an answer")


def read_reason(session: str, since: float) -> tuple[bool, str]:
    """See `explain_proxy`. To be called on the host: it waits a little for the log."""
    command = ("journalctl", f"--unit={PROXY_UNIT}", f"--since=@{int(since)}", "--output=cat", "--no-pager", "--quiet")
    deadline = time.monotonic() + _LOG_SECONDS
    while True:
        lines = run_command(command).out.splitlines()
        if any(f"session={session} " in line for line in lines) or time.monotonic() > deadline:
            return explain_proxy(lines, session)
        time.sleep(_LOG_STEP)


def _ask(gateway: IPv4Address, name: str) -> tuple[int, IPv4Address | None]:
    for number in range(1, _LOOK_UPS + 1):
        # A socket of its own: a late answer to the question before is none to this one.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(_LOOK_UP_SECONDS)
            asking.connect((str(gateway), _DNS_PORT))
            try:
                asking.send(encode_question(name, number))
                return parse_answer(asking.recv(4096), number)
            except ConnectionRefusedError:
                time.sleep(_LOOK_UP_SECONDS)
            except OSError:
                continue
    seconds = _LOOK_UPS * _LOOK_UP_SECONDS
    raise ProbeError(
        f"name server {gateway}: {name}: no answer within {seconds:g} s",
        "see `systemctl status ably-sandbox-dns`, `ip rule`, `nft list ruleset`: the question or its answer gets lost",
    )


def _connected(gateway: IPv4Address) -> socket.socket:
    try:
        return socket.create_connection((str(gateway), _TLS_PORT), _CONNECT_SECONDS)
    except OSError as error:
        raise ProbeError(
            f"gateway {gateway}, port {_TLS_PORT}: {error}", f"see `systemctl status {PROXY_UNIT}`"
        ) from error


def _make_context() -> ssl.SSLContext:
    """To be made before the connection: the gateway refuses one that says nothing for 3 s, and a host can be slow.

    Who answers is for the command line to check, so that no certificates need to be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _is_greeted(context: ssl.SSLContext, plain: socket.socket, name: str) -> bool:
    """Whether somebody answers the hello. TimeoutError for silence."""
    try:
        with context.wrap_socket(plain, server_hostname=name):
            return True
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):  # the one or the other, by Python's version
        return False
    except ssl.SSLError:
        # An alert is an answer too; what is no TLS at all would be one of a gateway that is none of ours.
        return True
    except socket.timeout as error:  # an alias of TimeoutError only since 3.10
        raise TimeoutError from error
    except OSError:
        return False
