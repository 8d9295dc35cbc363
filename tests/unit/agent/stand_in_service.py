"""A stand-in for systemd and the kernel: takes one connection as `serve` does on standard input, with the proofs of
the kernel replaced by what the test wants them to say. Run as a program, because a session is a process of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._agent import pump, serve
from ansible_collections.ably.sandbox.tests.unit.agent.stand_in_host import make_host, read_wanted


def main() -> int:
    folder = Path(sys.argv[1])
    pump.GRACE = read_wanted(folder)["grace"]

    def tell(event: str, message: str, fields: dict[str, str], priority: int = 6) -> None:
        with (folder / "journal").open("a") as journal:
            journal.write(json.dumps({"event": event, "message": message, "priority": priority, **fields}) + "\n")

    return serve.main(sys.argv[2:], make_host(folder, tell, read_wanted(folder).get("operators", ())))


if __name__ == "__main__":
    sys.exit(main())
