"""What people have works, and is as before after the way back.

`make test` has some of it at once on one host, `make long-hosts` each by itself.
"""

from __future__ import annotations

import os
from pathlib import Path

from support.host import LEVEL_1, Host, play
from support.inputs import INPUTS, TOGETHER, join
from support.others import others_at_work
from support.rolled_back import assert_goes_back_to
from support.session import assert_works

CHOSEN = (os.environ["ABLY_SANDBOX_HOST_INPUT"],) if "ABLY_SANDBOX_HOST_INPUT" in os.environ else TOGETHER


def test_it_works(machine: Host, tmp_path: Path) -> None:
    given = join(INPUTS[name] for name in CHOSEN)
    machine.restore()
    machine.out(f"set -e; {given.make}")
    with others_at_work(machine):
        before = machine.fingerprint()
        status, output = play("site", LEVEL_1, *given.options, environment=given.environment)
        assert status == 0, output
        for words in given.told:
            assert words in " ".join(output.split()), output
        assert_works(machine)
        machine.out(given.then)
        status, output = play("site", LEVEL_1, *given.options, environment=given.environment)
        assert (status, "changed=0 " in output) == (0, True), output
        assert_goes_back_to(before, machine, tmp_path, *given.options)
        machine.out(given.then)
