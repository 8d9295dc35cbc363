#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""One real session is opened and used."""

from __future__ import annotations

DOCUMENTATION = r"""
module: session_proof
short_description: Open one session and use it
version_added: 0.2.0
description:
  - Opens one session on the host through its socket, with the configured command, uses the gateway from within the
    session's network, and ends it. The host's ledger notes that a session was opened.
  - Changes nothing else, and opens no session in check mode. What fails leaves the host as it is.
extends_documentation_fragment: [ably.sandbox.info]
options:
  name:
    description: The allowed name that is looked up and greeted over TLS. Empty leaves the choice to O(allowed_names).
    type: str
    default: ""
  allowed_names:
    description: The names that sessions may reach, exact, or C(*.suffix) for every name below a suffix.
    type: list
    elements: str
    required: true
  level:
    description: The host's level, for the advice that comes with a failure.
    type: int
    default: 1
"""

EXAMPLES = r"""
- name: Open one session and use it
  ably.sandbox.session_proof:
    name: realtime.ably.io
    allowed_names: ["*.ably.io"]
"""

RETURN = r"""
warning:
  description: What did not answer beyond the host. Empty when all did.
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import guarded
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.session_proof import prove_session

ARGUMENTS = {
    "name": {"type": "str", "default": ""},
    "allowed_names": {"type": "list", "elements": "str", "required": True},
    "level": {"type": "int", "default": 1},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if module.check_mode:
        module.exit_json(changed=False, skipped=True)
    warning = guarded(module, lambda: prove_session(**module.params))
    if warning:
        module.warn(warning)
    module.exit_json(changed=False, warning=warning, ansible_facts={"sandbox_unproven": ""})


if __name__ == "__main__":
    main()
