# Apache License 2.0 (see LICENSE)
"""What the template of the role C(kernel) reads."""

from __future__ import annotations

DOCUMENTATION = r"""
name: kernel_facts
author: Ably (@ably)
short_description: What the template of the role kernel reads
version_added: 0.2.0
description:
  - Takes the names of the items that are left out, and returns one table of the modules of all the others, and
    of the command that is run instead of loading one.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Tell the modules that are closed
  ansible.builtin.debug:
    msg: "{{ lookup('ably.sandbox.kernel_facts', left_out=['ipsec']).modules }}"
"""

RETURN = r"""
_raw:
  description: One table of texts and lists.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.facts import (
    FACTS_ARGUMENTS,
    template_facts,
)
from ansible_collections.ably.sandbox.plugins.plugin_utils.facts_lookup import FactsLookup


class LookupModule(FactsLookup):
    """See the documentation above."""

    arguments = FACTS_ARGUMENTS

    @staticmethod
    def make(parameters: Mapping[str, Any]) -> dict[str, Any]:
        return template_facts(parameters)
