"""A docker.service that systemd would not start again: facts in, problems out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start import UnitFaults
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start_problems import find_problems_in_file
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.facts import DockerFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_notes, find_problems
from ansible_collections.ably.sandbox.tests.unit.controls.test_docker_start import ASKED, FIT, said
from ansible_collections.ably.sandbox.tests.unit.controls.test_preflight import FACTS
from ansible_collections.ably.sandbox.tests.unit.needs import make_needs


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (
            UnitFaults(("/a -H x", "/b")),
            "docker.service: found 2 of ExecStart=: /a -H x | /b, expected one; write an e",
        ),
        (
            UnitFaults(missing_files=("/etc/x",)),
            "docker.service: EnvironmentFile=/etc/x: found no such file, expected a file, or a dash before its name",
        ),
        (UnitFaults(missing_program="/x"), "docker.service: /x: found none that can be run, expected a program; name"),
    ],
)
def test_a_unit_that_systemd_would_not_start(faults: UnitFaults, expected: str) -> None:
    start = replace(FIT, values=ASKED, unit_faults=faults)
    (found,) = said(start)
    assert found.startswith(expected)
    assert found.endswith("systemd would not start it, also without us")
    assert [str(problem) for problem in find_problems_in_file(start)] == [found]
    facts = replace(FACTS, level=1, docker=DockerFacts((26, 1), start=start))
    assert find_problems(facts, make_needs()) == ()
    assert found in find_notes(facts, make_needs())
