#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The container that a session gets, and the service that opens it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container
short_description: Open the door to sessions
version_added: 0.1.0
description:
  - Puts fragments of the sessions' specification in place, and the units that open sessions and bound all of them
    together. The whole specification is judged before anything is written.
extends_documentation_fragment: [ably.sandbox.control]
options:
  fragments:
    description: Fragments of the specification, file name to content.
    type: dict
    required: true
  units:
    description: The texts of ably-sandbox.slice, ably-sandbox-session.socket and ably-sandbox-session@.service.
    type: dict
    required: true
  users:
    description: Accounts that may open sessions. Root always may.
    type: list
    elements: str
    default: []
  gid:
    description: The id of the group C(ably-sandbox).
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Open the door to sessions
  ably.sandbox.container:
    fragments:
      11-limits.json: {pids: 50}
    units: "{{ units }}"
    users: [terminal]
    gid: 60591
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.container import ARGUMENTS, container_of
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control


def main() -> None:
    run_control(ARGUMENTS, container_of)


if __name__ == "__main__":
    main()
