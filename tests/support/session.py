"""Sessions as a person opens them: over a real pseudo-terminal through ssh, or with a script on standard input."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from pathlib import Path
from typing import Any, Self

import pexpect
from lab.settings import HOST

from support.host import Host, wait_until

# Somebody without an account, in no group but the one that may open sessions.
VISITOR = (
    "setpriv --reuid=4242 --regid=4242 --groups=60591 --inh-caps=-all "
    "env -i TERM=xterm PATH=/usr/local/bin:/usr/bin:/bin"
)
OPEN = f"{VISITOR} ably-sandbox session"
PROMPT = "ably> "
# Runs on the host: says to the sessions' socket what none of the protocol is, by numbers; 0 is nested too deeply.
NONSENSE = Path(__file__).with_name("nonsense.py")
NAME_SERVER = "journalctl --boot --unit=ably-sandbox-dns --output=short-monotonic --lines=20; ss -lunp"
CONTAINERS = "docker ps --all --quiet --filter label=io.ably.sandbox.session | wc -l"
# An emulated machine takes its time to start a container.
PATIENCE = 120
# What moves the cursor or clears a line.
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_RESULT = re.compile(r"RESULT (.*)")


class Terminal:
    """An interactive session. Use it as a context manager; leaving kills the client if the session is still there."""

    def __init__(self, host: Host, command: str = OPEN, rows: int = 24, columns: int = 80) -> None:
        self.client = pexpect.spawn(
            "ssh", ["-tt", "-F", host.config, HOST, command],
            dimensions=(rows, columns), encoding="utf-8", timeout=PATIENCE, echo=False,
        )  # fmt: skip

    def __enter__(self) -> Self:
        self.expect(PROMPT)
        return self

    def __exit__(self, *_unused: object) -> None:
        self.client.close(force=True)

    def expect(self, pattern: str) -> str:
        """Wait for a pattern; returns what came before it."""
        self.client.expect(pattern)
        return str(self.client.before)

    def ask(self, line: str) -> str:
        """Type a line and return what the command line answered before its next prompt, without the echo."""
        self.client.send(line + "\r")
        said = _CONTROL.sub("", self.expect(rf"\n(?:{_CONTROL.pattern})*{PROMPT}"))
        return said.partition("\n")[2].strip()

    def script(self, source: str) -> Any:
        """Run JavaScript in the session; returns its value."""
        encoded = base64.b64encode(_wrap(source).encode()).decode()
        answer = self.ask(f"eval64 {encoded}")
        return _value(answer)

    def end(self) -> int:
        """Wait for the session's end and return the client's exit status."""
        self.client.expect(pexpect.EOF)
        self.client.close()
        assert self.client.exitstatus is not None, f"ssh died of signal {self.client.signalstatus}"
        return int(self.client.exitstatus)


class LongSession:
    """A session that stays open, with a round trip to Ably three times a minute, while other things go on."""

    _PAUSE = 20.0

    def __init__(self, host: Host) -> None:
        self._terminal = Terminal(host)
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._stop = threading.Event()
        self._began = 0.0
        self.answers: list[str] = []

    def __enter__(self) -> Self:
        self._terminal.__enter__()
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        self._terminal.__exit__()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """Since it was opened."""
        return time.monotonic() - self._began

    def _talk(self) -> None:
        while not self._stop.wait(self._PAUSE):
            self.answers.append(self._terminal.ask("roundtrip"))


def run_script(host: Host, source: str, seconds: float = PATIENCE) -> Any:
    """Run JavaScript in a session of its own, without a terminal; returns its value."""
    status, text = send_script(host, source, seconds)
    assert status == 0, f"exit status {status}: {text}"
    return _value(text)


def send_script(host: Host, source: str, seconds: float = PATIENCE) -> tuple[int, str]:
    """Exit status and output of a session that runs JavaScript."""
    encoded = base64.b64encode(_wrap(source).encode()).decode()
    return host.call(OPEN, stdin=f"eval64 {encoded}\nexit\n".encode(), seconds=seconds)


def run_lines(host: Host, *lines: str) -> tuple[int, str]:
    """Exit status and output of a session that is given these lines on standard input."""
    return host.call(OPEN, stdin="".join(f"{line}\n" for line in lines).encode(), seconds=PATIENCE)


def assert_works(host: Host) -> None:
    """A session reaches an allowed name. A look-up that fails is told with what the name server saw."""
    status, text = run_lines(host, "reach", "exit")
    assert (status, "reached rest.ably.io: 200" in text) == (0, True), f"{text}\n{host.out(NAME_SERVER)}"


def wait_until_all_ended(host: Host) -> None:
    wait_until(lambda: host.out(CONTAINERS) == "0", "no session's container is left")


def refused(host: Host, because: str = "") -> str:
    """What somebody is told who gets no session. `because`: a pattern of what the operator is told in the journal."""
    since = host.out("date +%s.%N")
    status, text = host.call(OPEN, stdin=b"exit\n")
    assert status != 0, text
    assert "Traceback" not in text
    told = host.out(f"journalctl --identifier=ably-sandbox --since=@{since} --output=cat")
    assert re.search(because, told), told
    return text


def read_script(path: Path, **constants: object) -> str:
    """A script with constants put before it."""
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items())
    return head + path.read_text(encoding="utf-8")


def _wrap(source: str) -> str:
    return f"return 'RESULT ' + JSON.stringify((await (async () => {{ {source} }})()) ?? null);"


def _value(text: str) -> Any:
    found = _RESULT.search(text)
    assert found, f"no result in: {text}"
    return json.loads(found.group(1))
