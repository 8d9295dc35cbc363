# Apache License 2.0 (see LICENSE)
"""An egress policy as the templates of the role C(egress) read it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: egress_facts
author: Ably (@ably)
short_description: An egress policy as the templates of the role egress read it
version_added: 0.2.0
description:
  - Takes the parameters of M(ably.sandbox.egress) that are no texts, by name, and returns one table of what follows
    from them, such as the address of each session, and the networks that are refused, merged and in order.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Tell the address of the first session
  ansible.builtin.debug:
    msg: "{{ lookup('ably.sandbox.egress_facts', **policy).links[0].address }}"
"""

RETURN = r"""
_raw:
  description: One table of texts, numbers, lists and tables.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.facts import template_facts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import POLICY_ARGUMENTS, parse_policy
from ansible_collections.ably.sandbox.plugins.plugin_utils.facts_lookup import FactsLookup


class LookupModule(FactsLookup):
    """See the documentation above."""

    arguments = POLICY_ARGUMENTS

    @staticmethod
    def make(parameters: Mapping[str, Any]) -> dict[str, Any]:
        return template_facts(parse_policy(parameters))
