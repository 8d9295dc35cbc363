# Apache License 2.0 (see LICENSE)
"""Names on the host that templates share with the modules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: names
author: Ably (@ably)
short_description: Names on the host that templates share with the modules
version_added: 0.2.0
description:
  - Returns one table of the names of units, paths, interfaces and accounts that more than one place has to know.
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Tell where people connect
  ansible.builtin.debug:
    msg: "{{ lookup('ably.sandbox.names').session_socket }}"
"""

RETURN = r"""
_raw:
  description: One table, name to text.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import NAMES


class LookupModule(LookupBase):
    """See the documentation above."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, str]]:  # noqa: ARG002  # Ansible passes it
        """One element: the table."""
        if terms or kwargs:
            raise AnsibleError("names: takes no terms and no options")
        return [dict(NAMES)]
