"""What `make demo` shows on the running machine."""

from __future__ import annotations

import subprocess
import sys

import pexpect

from .host import LEVEL_1, play_command, running_host
from .session import OPEN, Terminal, run_script

_GATEWAY = "10.213.0.1"
_ALLOWED = {
    "whoami": r"uid=606\d\d ",
    "time": r"time \d{13} ",
    "publish demo hello": "published to demo",
    "roundtrip": "roundtrip ok",
}
_REFUSED = {
    "a foreign name": "return require('dns').promises.resolve('forbidden.example.com').catch((e) => e.code);",
    "a foreign server name at the gateway": "return tls('forbidden.example.com');",
    "plain HTTP at the gateway": "return outcome(open(GATEWAY, 443), 'data', 'GET / HTTP/1.0\\r\\n\\r\\n');",
    "an address on the internet": "return connect('198.51.100.20', 443);",
    "the cloud's metadata service": "return connect('169.254.169.254', 80);",
    "ssh of the host": "return connect(GATEWAY, 22);",
    "writing to the image": "return write('/usr/bin/x');",
    "executing what it wrote": "write('/tmp/x'); return run('/tmp/x');",
}
_TOOLS = f"""
const GATEWAY = '{_GATEWAY}';
const outcome = (s, success, send) => new Promise((resolve) => {{
  s.setTimeout(6000, () => resolve('no answer'));
  s.on('error', (e) => resolve(e.code)); s.on('close', () => resolve('closed'));
  s.on(success, () => resolve('DONE: ' + success)); if (send) s.write(send); }});
const open = (host, port) => require('net').connect({{ host, port }});
const connect = (host, port) => outcome(open(host, port), 'connect');
const tls = (servername) => outcome(require('tls').connect({{ host: GATEWAY, port: 443, servername,
  rejectUnauthorized: false }}), 'secureConnect');
const attempt = (work) => {{ try {{ work(); return 'DONE'; }} catch (e) {{ return e.code; }} }};
const write = (path) => attempt(() => require('fs').writeFileSync(path, '', {{ mode: 0o755 }}));
const run = (path) => attempt(() => require('child_process').execFileSync(path));
"""


def main() -> int:
    """0 when the host reached level 1, the allowed request was answered and every other one was refused."""
    host = running_host()
    _say("ansible-playbook ably.sandbox.site, with sandbox_level: 1")
    status = subprocess.call(play_command("site", LEVEL_1))
    if status:
        return status
    print(host.out("ably-sandbox status"))
    _say("A session, opened through the socket by somebody who is in the group ably-sandbox and nothing else")
    with Terminal(host) as session:
        session.client.logfile_read = sys.stdout
        for line, answer in _ALLOWED.items():
            session.client.send(f"{line}\r")
            session.expect(rf"{answer}.*\n")
            session.expect("ably> ")
        session.client.logfile_read = None
    _say("The same with full code execution in the session: one of each kind that is refused")
    attempts = ", ".join(f"{name!r}: (async () => {{ {source} }})()" for name, source in _REFUSED.items())
    found = run_script(host, f"{_TOOLS} const a = {{ {attempts} }}; for (const k in a) a[k] = await a[k]; return a;")
    for name, answer in found.items():
        print(f"  {name:<40}{answer}")
    if any(answer.startswith("DONE") for answer in found.values()):
        return 1
    _say("What now")
    print(f"  a session by hand:      make lab-ssh, then: {OPEN}")
    print("  the host's own word:    make lab-ssh, then: ably-sandbox status")
    print("  back to what it was:    make lab-ssh, then: ably-sandbox rollback --to-level 0")
    print("  take everything down:   make lab-down; its disks: PYTHONPATH=tests .venv/bin/python -m lab clean")
    return 0


def _say(text: str) -> None:
    print(f"\n\033[1m== {text}\033[0m", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (AssertionError, pexpect.ExceptionPexpect) as error:
        sys.exit(f"demo: {error}")
