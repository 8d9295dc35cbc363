"""The engine's client against a stand-in: versions, refusals with the engine's own words, streams, silence."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_api import (
    DockerApi,
    DockerApiError,
    DockerUnreachableError,
)

VERSION = {"ApiVersion": "1.45", "MinAPIVersion": "1.24"}


class Script:
    """Answers each connection with the next of `answers` and keeps what was asked."""

    def __init__(self, path: Path, answers: list[bytes]) -> None:
        self.path = str(path)
        self.asked: list[bytes] = []
        self._answers = answers
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        for answer in self._answers:
            try:
                connection, _unused = self._listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(read_request(connection))
                for piece in answer.split(b"|"):
                    connection.sendall(piece)


def read_request(connection: socket.socket) -> bytes:
    """Head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    length = re.search(rb"(?i)content-length: (\d+)", data)
    head, _unused, body = data.partition(b"\r\n\r\n")
    while len(body) < (int(length.group(1)) if length else 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def run_script(path: Path, answers: list[bytes]) -> Iterator[Script]:
    script = Script(path, answers)
    script.start()
    try:
        yield script
    finally:
        script.stop()


def answer(status: int, value: object) -> bytes:
    body = b"" if value is None else json.dumps(value).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "docker.sock"


@pytest.mark.parametrize(
    ("oldest", "newest", "spoken"),
    [
        ("1.12", "1.41", b"/v1.41/"),
        ("1.24", "1.43", b"/v1.43/"),
        ("1.24", "1.45", b"/v1.44/"),
        ("1.44", "1.52", b"/v1.44/"),
        ("1.50", "1.60", b"/v1.50/"),
    ],
)
def test_the_newest_version_that_both_know_is_spoken(path: Path, oldest: str, newest: str, spoken: bytes) -> None:
    versions = {"ApiVersion": newest, "MinAPIVersion": oldest}
    with run_script(path, [answer(200, versions), answer(200, {"ok": True}), answer(200, [])]) as script:
        api = DockerApi(script.path)
        assert api.get("/info") == {"ok": True}
        assert api.get("/containers/json", {"all": "true"}) == []
    assert script.asked[1].startswith(b"GET " + spoken + b"info HTTP/1.1")
    assert script.asked[2].startswith(b"GET " + spoken + b"containers/json?all=true")


def test_an_engine_that_is_too_old_is_named(path: Path) -> None:
    versions = {"ApiVersion": "1.40", "MinAPIVersion": "1.12"}
    with (
        run_script(path, [answer(200, versions)]) as script,
        pytest.raises(SandboxError, match=r"1\.40, 1\.41 is needed"),
    ):
        DockerApi(script.path).get("/info")


def test_a_refusal_says_what_was_asked_and_why_not(path: Path) -> None:
    refusal = answer(409, {"message": "name is in use"})
    with run_script(path, [answer(200, VERSION), refusal]) as script, pytest.raises(DockerApiError) as caught:
        DockerApi(script.path).post("/containers/create", {"Image": "x"})
    assert (caught.value.method, caught.value.status, caught.value.reason) == ("POST", 409, "name is in use")
    assert "/containers/create" in str(caught.value)


def test_what_is_not_there_is_none_and_any_other_refusal_an_error(path: Path) -> None:
    answers = [answer(200, VERSION), answer(404, {"message": "no"}), answer(500, {"message": "full"})]
    with run_script(path, answers) as script:
        api = DockerApi(script.path)
        assert api.find("/images/x/json") is None
        with pytest.raises(DockerApiError, match="500 full"):
            api.find("/images/x/json")


def test_progress_is_read_to_its_end(path: Path) -> None:
    lines = b'{"status":"pulling"}\r\n{"error":"no space"}\r\n'
    stream = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(lines), lines)
    with run_script(path, [answer(200, VERSION), stream]) as script:
        assert DockerApi(script.path).post("/images/create") == {"error": "no space"}


def test_nobody_there_is_an_error_with_a_hint(path: Path) -> None:
    with pytest.raises(DockerUnreachableError, match=r"docker\.service"):
        DockerApi(str(path)).get("/info")


def test_an_answer_that_breaks_off_is_an_error(path: Path) -> None:
    broken = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"
    with run_script(path, [answer(200, VERSION), broken]) as script, pytest.raises(DockerUnreachableError):
        DockerApi(script.path).get("/info")


def test_a_hijacked_connection_loses_no_byte(path: Path) -> None:
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r|\nfirst |and second"
    with run_script(path, [answer(200, VERSION), upgraded]) as script:
        connection, rest = DockerApi(script.path).hijack("/exec/x/start", {"Tty": True})
        with connection:
            while data := connection.recv(4096):
                rest += data
    assert rest == b"first and second"
    assert b"Upgrade: tcp" in script.asked[1]


def test_a_refused_hijack_says_why(path: Path) -> None:
    refusal = answer(404, {"message": "No such exec"}).replace(b"\r\n\r\n", b"\r\n\r\n|")
    with (
        run_script(path, [answer(200, VERSION), refusal]) as script,
        pytest.raises(DockerApiError, match="404 No such exec"),
    ):
        DockerApi(script.path).hijack("/exec/x/start", {})


def test_a_hijack_that_ends_before_its_headers_is_an_error(path: Path) -> None:
    with (
        run_script(path, [answer(200, VERSION), b"HTTP/1.1 101 UPG"]) as script,
        pytest.raises(DockerUnreachableError, match="broke off"),
    ):
        DockerApi(script.path).hijack("/exec/x/start", {})
