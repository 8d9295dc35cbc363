#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The way back, phase by phase, from the host's ledger alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Roll a sandbox host back to a level
version_added: 0.2.0
description:
  - Restores what the phases above O(to_level) changed, the last control first, from the host's ledger. No variable of
    the roles is needed.
  - What somebody else changed since is reported and left alone, unless O(force).
extends_documentation_fragment: [ably.sandbox.control]
options:
  to_level:
    description: The level to go down to. 0 is the host as it was.
    type: int
    required: true
  control:
    description:
      - Only this control, by its name; M(ably.sandbox.status_info) lists those that are applied.
    type: str
  force:
    description: Take back what others changed as well.
    type: bool
    default: false
  packages:
    description: Remove the packages that this collection installed, with their configuration and accounts.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Bring the host back to what it was
  ably.sandbox.rollback:
    to_level: 0
"""

RETURN = r"""
plan:
  description: What was restored, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
kept:
  description: What was left alone, and why.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import guard, local_engine
from ansible_collections.ably.sandbox.plugins.module_utils._controls.unknown import check_control, check_level
from ansible_collections.ably.sandbox.plugins.module_utils._engine.changes import Outcome
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import RollbackWish

ARGUMENTS = {
    "to_level": {"type": "int", "required": True},
    "control": {"type": "str"},
    "force": {"type": "bool", "default": False},
    "packages": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wish = RollbackWish(
        module.params["to_level"], module.params["control"], module.params["force"], lasting=module.params["packages"]
    )

    def roll_back() -> tuple[Outcome, ...]:
        check_level(wish.to_level)
        check_control(wish.control)
        return local_engine().roll_back(wish, check_only=module.check_mode)

    guard(module, roll_back)


if __name__ == "__main__":
    main()
