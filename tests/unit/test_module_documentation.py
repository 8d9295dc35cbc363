"""A module's documentation says of its parameters what its argument spec says. The action group has every module."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

MODULES = sorted(path.stem for path in (REPO / "plugins" / "modules").glob("*.py"))
SAID = ("type", "elements", "required", "default", "choices")


def plain(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What both say: no default and none required are what is not said."""
    said = {name: {key: option[key] for key in SAID if key in option} for name, option in options.items()}
    return {name: {k: v for k, v in one.items() if v is not None and v is not False} for name, one in said.items()}


class Asked(Exception):
    """A module has come as far as to say what its parameters are."""


def ask(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is documented, and what the module takes."""
    module = import_module(f"ansible_collections.ably.sandbox.plugins.modules.{name}")

    def init(_unused: object, argument_spec: dict[str, Any], **_more: object) -> None:
        raise Asked(argument_spec)

    monkeypatch.setattr(AnsibleModule, "__init__", init)
    with pytest.raises(Asked) as asked:
        module.main()
    return yaml.safe_load(module.DOCUMENTATION).get("options") or {}, asked.value.args[0]


@pytest.mark.parametrize("name", MODULES)
def test_parameters_are_documented_as_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    documented, taken = ask(name, monkeypatch)
    assert plain(documented) == plain(taken)
    assert all(option.get("description") for option in documented.values())


def test_every_module_is_in_the_action_group() -> None:
    groups = yaml.safe_load((REPO / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    assert groups["sandbox"] == MODULES
