"""A stand-in for systemd and the kernel: takes one connection as `serve` does on standard input, with the proofs of
the kernel replaced by what the test wants them to say. Run as a program, because a session is a process of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.ably.sandbox.host import pump, serve
from ansible_collections.ably.sandbox.host.session import Host


def main() -> int:
    folder = Path(sys.argv[1])
    wanted = json.loads((folder / "kernel.json").read_text())
    pump.GRACE = wanted["grace"]

    def tell(event: str, message: str, fields: dict[str, str], priority: int = 6) -> None:
        with (folder / "journal").open("a") as journal:
            journal.write(json.dumps({"event": event, "message": message, "priority": priority, **fields}) + "\n")

    host = Host(
        fragments=folder / "container.d",
        runtime=folder / "run",
        docker_socket=str(folder / "docker.sock"),
        prove_container=lambda *_: wanted["container"],
        prove_process=lambda *_: wanted["process"],
        tell=tell,
    )
    return serve.main(sys.argv[2:], host)


if __name__ == "__main__":
    sys.exit(main())
