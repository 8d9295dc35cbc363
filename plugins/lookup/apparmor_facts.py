# Apache License 2.0 (see LICENSE)
"""What the template of the role C(apparmor) reads."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.lookup import LookupBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.profile import (
    POLICY_ARGUMENTS,
    parse_apparmor_policy,
    template_facts,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError

DOCUMENTATION = r"""
name: apparmor_facts
author: Ably Sandbox
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


class LookupModule(LookupBase):
    """See the documentation above."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ARG002  # Ansible passes it
        """One element: the table."""
        if terms:
            raise AnsibleError("apparmor_facts: takes no terms")
        # As the module converts them: what the command line gives is text.
        checked = ArgumentSpecValidator(POLICY_ARGUMENTS).validate(kwargs)
        if checked.error_messages:
            raise AnsibleError(f"apparmor_facts: {'; '.join(checked.error_messages)}")
        try:
            return [template_facts(parse_apparmor_policy(checked.validated_parameters))]
        except SandboxError as error:
            raise AnsibleError(str(error)) from error
