#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The end of a trial: what a risky control changed stays."""

from __future__ import annotations

DOCUMENTATION = r"""
module: confirm
short_description: Confirm what a risky control changed
version_added: 0.1.0
description:
  - A control that could cut the host off (M(ably.sandbox.docker), M(ably.sandbox.egress), M(ably.sandbox.userns)) is on
    trial once it is applied. The host takes it back by itself, also after a reboot, unless it is confirmed in time.
  - Those modules call this one themselves, over a new connection. It is for what was left on trial.
options:
  trial:
    description: The trial's name, as the control's module returned it. Whatever is on trial, without it.
    type: str
  settle:
    description:
      - Take back what cannot be confirmed, because its run was cut off, or because this connection is no proof. For the
        beginning of a play that finds something on trial.
    type: bool
    default: false
  new_connection:
    description: Refuse a confirmation over a connection that is older than the change. It may be the last one let in.
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
- name: Keep what an interrupted play has left on trial
  ably.sandbox.confirm:
"""

RETURN = r"""
control:
  description: The control that is no longer on trial. Empty when none was.
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import guarded, local_engine
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner

ARGUMENTS = {
    "trial": {"type": "str"},
    "settle": {"type": "bool", "default": False},
    "new_connection": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, mutually_exclusive=[("trial", "settle")])
    owner = guarded(module, lambda: end_trial(**module.params))
    module.exit_json(changed=owner is not None, control=str(owner or ""))


def end_trial(trial: str | None, settle: bool, new_connection: bool) -> Owner | None:
    engine = local_engine()
    return engine.settle(new_connection) if settle else engine.confirm(trial, new_connection)


if __name__ == "__main__":
    main()
