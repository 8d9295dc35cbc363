# Apache License 2.0 (see LICENSE)
"""An egress policy as the templates of the role C(egress) read it."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.lookup import LookupBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.facts import template_facts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import POLICY_ARGUMENTS, parse_policy
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError

DOCUMENTATION = r"""
name: egress_facts
author: Ably Sandbox
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


class LookupModule(LookupBase):
    """See the documentation above."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ARG002  # Ansible passes it
        """One element: the table."""
        if terms:
            raise AnsibleError("egress_facts: takes no terms")
        # As the module converts them: what the command line gives is text.
        checked = ArgumentSpecValidator(POLICY_ARGUMENTS).validate(kwargs)
        if checked.error_messages:
            raise AnsibleError(f"egress_facts: {'; '.join(checked.error_messages)}")
        try:
            return [template_facts(parse_policy(checked.validated_parameters))]
        except SandboxError as error:
            raise AnsibleError(str(error)) from error
