"""The roles' templates, rendered as a play renders them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor import profile as apparmor
from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.profile import AppArmorPolicy
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container import facts as container
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.control import TEXTS, UNITS, tables_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.facts import template_facts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import EgressPolicy
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel import facts as kernel
from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import NAMES

ROLES = Path(__file__).resolve().parents[1] / "roles"
LOADER = DataLoader()
_TEMPLATE = re.compile(r"'([^']+\.j2)'")


def render(role: str, name: str, variables: Mapping[str, Any]) -> str:
    """One template of a role, by the plugin that its tasks call."""
    known = {**variables, "__names": NAMES, "ansible_search_path": [str(ROLES / role)]}
    lookup = lookup_loader.get("template", loader=LOADER, templar=Templar(LOADER, variables=known))
    return str(lookup.run([name], known)[0])


def render_egress(name: str, policy: EgressPolicy) -> str:
    return render("egress", name, {"__egress": template_facts(policy)})


def render_egress_texts(policy: EgressPolicy) -> dict[str, str]:
    """What the role gives to the module, by the module's parameters."""
    tasks = LOADER.load_from_file(str(ROLES / "egress" / "tasks" / "main.yml"))
    arguments = tasks[0]["ably.sandbox.egress"]
    names = {name: _TEMPLATE.search(str(arguments[name])) for name in TEXTS}
    return {name: render_egress(found[1], policy) for name, found in names.items() if found}


def render_filter(policy: EgressPolicy) -> str:
    return render_egress("filter.nft.j2", policy)


def render_tables(policy: EgressPolicy) -> dict[str, str]:
    """Full name to the source of each table of the filter."""
    return tables_of(render_filter(policy))


def render_dns(policy: EgressPolicy) -> str:
    return render_egress("dnsmasq.conf.j2", policy)


def render_proxy(policy: EgressPolicy) -> str:
    return render_egress("haproxy.cfg.j2", policy)


def render_units(policy: EgressPolicy) -> dict[str, str]:
    """Unit name to its text."""
    texts = render_egress_texts(policy)
    return {name: texts[parameter] for parameter, name in UNITS.items()}


def render_container(name: str, bounds: Mapping[str, Any]) -> str:
    """`bounds`: the parameters of the facts, as a play has them: some numbers may be texts."""
    typed = ArgumentSpecValidator(container.FACTS_ARGUMENTS).validate(dict(bounds))
    assert not typed.error_messages
    return render("container", name, {"__container": container.template_facts(typed.validated_parameters)})


def render_module_rules(left_out: Sequence[str]) -> str:
    return render("kernel", "modprobe.conf.j2", {"__kernel": kernel.template_facts({"left_out": left_out})})


def render_profile(policy: AppArmorPolicy, syntax: tuple[int, int]) -> str:
    facts = {"__apparmor": apparmor.template_facts(policy), "abi": f"{syntax[0]}.{syntax[1]}"}
    return render("apparmor", "profile.j2", facts)
