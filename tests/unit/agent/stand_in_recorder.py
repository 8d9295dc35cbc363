"""`seccomp-record` against a stand-in engine: no filter is loaded, so what the kernel would have recorded is given."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._agent import seccomp_record
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.records import CallRecord
from ansible_collections.ably.sandbox.tests.unit.agent.stand_in_host import make_host


class Records:
    is_complete = True

    def __init__(self, folder: Path) -> None:
        self._records = [CallRecord(*record) for record in json.loads((folder / "records.json").read_text())]

    def records_of(self, uid: int) -> frozenset[CallRecord]:
        return frozenset(record for record in self._records if record.uid == uid)


def main() -> int:
    folder = Path(sys.argv[1])
    host = make_host(folder, lambda *_unused: None)
    try:
        return seccomp_record.main(sys.argv[2:], host, lambda: contextlib.nullcontext(Records(folder)))  # type: ignore[arg-type, return-value]  # stands in
    except seccomp_record.SandboxError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
