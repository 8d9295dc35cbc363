"""docs/variables.md has every variable there is, once; and its sample is one that the playbooks take."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import Variables, load_options, read_variables
from ansible_collections.ably.sandbox.tests.docs.variable_page import PAGE, render_page

TEXT = PAGE.read_text(encoding="utf-8")
SAMPLE: dict[str, Any] = yaml.safe_load(re.findall(r"```yaml\n# group_vars/sandbox.yml\n(.*?)```", TEXT, re.DOTALL)[0])


def check(**variables: Any) -> Variables:
    """As `ably.sandbox.check_variables` does; there is no template in the sample."""
    as_it_is = SimpleNamespace(template=lambda value: value)
    return read_variables(as_it_is, DataLoader(), variables, ["sandbox_level"])


def test_the_tables_are_those_of_the_argument_specs() -> None:
    assert render_page() == TEXT, "run `make docs`"


def test_every_variable_stands_in_it_once() -> None:
    assert sorted(re.findall(r"^\| `(sandbox_\w+)` \|", TEXT, re.MULTILINE)) == sorted(load_options())


def test_the_sample_is_taken() -> None:
    found = check(**SAMPLE)
    assert (found.problems, found.notes) == ((), ())
    assert set(found.typed) == set(SAMPLE)


def test_a_sample_that_is_wrong_would_be_noticed() -> None:
    found = check(**{**SAMPLE, "sandbox_container_sesions": 4, "sandbox_container_memory": "lots"})
    assert {problem.what for problem in found.problems} == {
        "variable sandbox_container_sesions",
        "variable sandbox_container_memory",
    }
