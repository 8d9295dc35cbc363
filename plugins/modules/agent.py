#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The agent on the host, and the countdown that takes back what nobody confirmed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: agent
short_description: Put the agent on the host
version_added: 0.1.0
description:
  - Puts the agent C(ably-sandbox) on the host, with the countdown C(ably-sandbox-revert.service). A risky control
    starts it before it changes anything; unless that is confirmed in time, the host takes it back with nobody's help.
  - The agent's byte code is kept below C(/usr/local/lib/ably-sandbox), so that a session starts sooner.
  - Comes before every other control.
extends_documentation_fragment: [ably.sandbox.control]
options:
  archive:
    description: The agent, base64, as the lookup P(ably.sandbox.agent_archive#lookup) gives it.
    type: str
    required: true
  revert_unit:
    description: The text of the unit of the countdown.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Put the agent on the host
  ably.sandbox.agent:
    archive: "{{ lookup('ably.sandbox.agent_archive') }}"
    revert_unit: "{{ lookup('ansible.builtin.template', 'revert.service.j2') }}"
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.agent import ARGUMENTS, agent_of
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control


def main() -> None:
    run_control(ARGUMENTS, agent_of)


if __name__ == "__main__":
    main()
