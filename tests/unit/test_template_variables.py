"""What a template uses is checked: a line break, a quote or a brace is refused by the variable's name and the place.

Which variables these are is read from the templates themselves, and from what the roles' facts are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import jinja2
import pytest
import yaml
from jinja2 import meta, nodes

from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import Problem
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import find_malformed
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    check_types,
    defaults_of,
    load_data,
    load_options,
)
from ansible_collections.ably.sandbox.tests.role_data import ROLES, load_vars

OPTIONS: dict[str, Any] = load_options()
DEFAULTS = {**load_data(), **defaults_of(OPTIONS)}
JINJA = jinja2.Environment(autoescape=True)
# Of those whose default is empty, or made of other variables.
SAMPLES = {
    "sandbox_apparmor_executables_additional": ["/opt/tools/node"],
    "sandbox_apparmor_libraries_additional": ["/opt/tools/**.node"],
    "sandbox_apparmor_readable_folders": ["/opt/tools"],
    "sandbox_container_total_pids": 816,
    "sandbox_egress_refused_networks": ["203.0.113.0/24"],
    "sandbox_egress_resolvers": ["192.0.2.53"],
    "sandbox_kernel_left_out": ["ipsec"],
}
CHARACTERS = ("\n", '"', "'", "{", "}")


def read_names(text: str) -> set[str]:
    """The variables of an expression or of a template."""
    return meta.find_undeclared_variables(JINJA.parse(text)) - {"lookup"}


def find_given(role: str) -> dict[str, set[str]]:
    """What tasks give to templates by name, each with the variables that it is made of."""
    tasks = yaml.safe_load((ROLES / role / "tasks" / "main.yml").read_text(encoding="utf-8"))
    arguments = [
        str(text) for task in tasks for value in task.values() if isinstance(value, dict) for text in value.values()
    ]
    keywords = (found for text in arguments for found in JINJA.parse(text).find_all(nodes.Keyword))
    pairs = [
        pair for keyword in keywords if keyword.key == "template_vars" for pair in keyword.value.find_all(nodes.Pair)
    ]
    return {pair.key.as_const(): {name.name for name in pair.value.find_all(nodes.Name)} for pair in pairs}


def find_variables(role: str) -> set[str]:
    """The variables that get into the role's templates, directly or by its facts."""
    made = find_given(role)
    if (ROLES / role / "vars" / "main.yml").exists():
        made.update((name, read_names(str(text))) for name, text in load_vars(role).items())
    used = {name for path in (ROLES / role / "templates").glob("*.j2") for name in read_names(path.read_text("utf-8"))}
    return {variable for name in used for variable in made.get(name, {name})}


VARIABLES = sorted({name for path in ROLES.glob("*/templates") for name in find_variables(path.parent.name)})


def find_problems(name: str, value: object) -> list[Problem]:
    """As preflight looks, before anything changes."""
    typed, problems = check_types({name: value}, OPTIONS)
    return [*problems, *find_malformed({**DEFAULTS, **typed})]


def spoil(text: str) -> Iterator[str]:
    """With each of the characters at the beginning, in the middle, and at the end."""
    for character in CHARACTERS:
        for place in (0, len(text) // 2, len(text)):
            yield text[:place] + character + text[place:]


def spoilt_values(name: str) -> Iterable[tuple[object, str]]:
    """Values, and where in each of them one of the characters is."""
    fine = OPTIONS[name].get("default") or SAMPLES[name]
    assert find_problems(name, fine) == []
    if not isinstance(fine, list):
        return [(text, "") for text in spoil(str(fine))]
    return [([*fine, text], f"[{len(fine)}]") for text in spoil(fine[0])]


def test_the_variables_of_templates_are_those_of_roles() -> None:
    assert set(VARIABLES) <= set(OPTIONS)
    assert {"sandbox_container_total_memory", "sandbox_egress_resolvers", "sandbox_kernel_left_out"} <= set(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_line_break_a_quote_and_a_brace_are_refused(name: str) -> None:
    for value, place in spoilt_values(name):
        problems = find_problems(name, value)
        assert [problem.what for problem in problems] == [f"variable {name}{place}"], value
        assert "\n" not in str(problems[0])
