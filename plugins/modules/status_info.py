#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Level, controls and drift of a sandbox host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: status_info
short_description: Tell the level of a sandbox host and what drifted
version_added: 0.1.0
description:
  - Reads the host's ledger and everything that was written by it. Changes nothing.
extends_documentation_fragment: [ably.sandbox.info]
"""

EXAMPLES = r"""
- name: Ask for the status
  ably.sandbox.status_info:
  register: status
"""

RETURN = r"""
level:
  description: The host's level.
  type: int
  returned: success
lacking:
  description: The level's controls that the host is without, those of a newer release. The next run completes it.
  type: list
  elements: str
  returned: success
applied:
  description: The controls in place.
  type: list
  elements: str
  returned: success
unfinished:
  description: The controls whose run was cut off. The next run finishes them.
  type: list
  elements: str
  returned: success
on_trial:
  description: The control that the host takes back unless somebody confirms it. Empty when there is none.
  type: str
  returned: success
unproven:
  description: Since when the host has changed without a session having been opened on it, UTC. Empty when one has.
  type: str
  returned: success
proven:
  description: When a session was last opened and used by M(ably.sandbox.session_proof), UTC. Empty when none was.
  type: str
  returned: success
warning:
  description: What did not answer outside the host then. Empty when all did.
  type: str
  returned: success
resources:
  description: How many resources the ledger remembers.
  type: int
  returned: success
drift:
  description:
    - What is no longer as it was written, a sentence for each resource. It names the resource, its control, what was
      expected, what was found, and what to do.
  type: list
  elements: str
  returned: success
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import guarded
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.status import read_status
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    status = guarded(module, lambda: read_status(LocalHost(), LedgerStore()))
    module.exit_json(changed=False, **asdict(status))


if __name__ == "__main__":
    main()
