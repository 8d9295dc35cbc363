# Apache License 2.0 (see LICENSE)
"""What the template of the role C(apparmor) reads."""

from __future__ import annotations

DOCUMENTATION = r"""
name: apparmor_facts
author: Ably (@ably)
short_description: What the template of the role apparmor reads
version_added: 0.2.0
description:
  - Takes the programs, the home directory and the further folders of sessions, by name, and returns them checked, in
    one table with the names that the profile needs besides.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Tell the name of the profile
  ansible.builtin.debug:
    msg: "{{ lookup('ably.sandbox.apparmor_facts', **policy).profile }}"
"""

RETURN = r"""
_raw:
  description: One table of texts and lists.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.profile import (
    POLICY_ARGUMENTS,
    parse_apparmor_policy,
    template_facts,
)
from ansible_collections.ably.sandbox.plugins.plugin_utils.facts_lookup import FactsLookup


class LookupModule(FactsLookup):
    """See the documentation above."""

    arguments = POLICY_ARGUMENTS

    @staticmethod
    def make(parameters: Mapping[str, Any]) -> dict[str, Any]:
        return template_facts(parse_apparmor_policy(parameters))
