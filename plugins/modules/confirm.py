#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The end of a trial: what a risky control changed stays."""

from __future__ import annotations

DOCUMENTATION = r"""
module: confirm
short_description: Confirm what a risky control changed
version_added: 0.1.0
description:
  - A control that could cut the host off (M(ably.sandbox.docker), M(ably.sandbox.egress)) is on trial once it is
    applied. The host takes it back by itself, also after a reboot, unless it is confirmed in time.
  - Those modules call this one themselves, over a new connection. It is for what was left on trial.
options:
  trial:
    description: The trial's name, as the control's module returned it.
    type: str
    required: true
  new_connection:
    description: Refuse a confirmation over the connection by which the control came. It may be the last one let in.
    type: bool
    default: true
attributes:
  check_mode:
    description: Can run in check mode and changes nothing there.
    support: none
author:
  - Ably Sandbox (@ably)
"""

EXAMPLES = r"""
- name: Keep what was changed
  ably.sandbox.confirm:
    trial: "{{ result.trial }}"
"""

RETURN = r"""
control:
  description: The control that is no longer on trial.
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._run.control_module import guarded, local_engine

ARGUMENTS = {"trial": {"type": "str", "required": True}, "new_connection": {"type": "bool", "default": True}}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS)
    params = module.params
    owner = guarded(module, lambda: local_engine().confirm(params["trial"], params["new_connection"]))
    module.exit_json(changed=True, control=str(owner))


if __name__ == "__main__":
    main()
