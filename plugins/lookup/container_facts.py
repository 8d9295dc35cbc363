# Apache License 2.0 (see LICENSE)
"""What the templates of the role C(container) read."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container_facts
author: Ably (@ably)
short_description: What the templates of the role container read
version_added: 0.2.0
description:
  - Takes the number of sessions, how long one may last, and what all of them may have together, by name, and returns
    one table of these as systemd writes them.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Tell how much of the processors all sessions may have
  ansible.builtin.debug:
    msg: "{{ lookup('ably.sandbox.container_facts', **bounds).cpu_quota }} %"
"""

RETURN = r"""
_raw:
  description: One table of texts and numbers.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.facts import (
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
