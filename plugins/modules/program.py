#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The sandbox's own program on the host, and the countdown that takes back what nobody confirmed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: program
short_description: Put the sandbox's own program on the host
version_added: 0.1.0
description:
  - Puts the program C(ably-sandbox) on the host, with the countdown C(ably-sandbox-revert.service). A risky control
    starts it before it changes anything; unless that is confirmed in time, the host takes it back with nobody's help.
  - The program's byte code is kept below C(/usr/local/lib/ably-sandbox), so that a session starts sooner.
  - Comes before every other control.
extends_documentation_fragment: [ably.sandbox.control]
options:
  program:
    description: The host program, base64, as the lookup P(ably.sandbox.host_program#lookup) gives it.
    type: str
    required: true
  revert_unit:
    description: The text of the unit of the countdown.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Put the sandbox's own program on the host
  ably.sandbox.program:
    program: "{{ lookup('ably.sandbox.host_program') }}"
    revert_unit: "{{ lookup('ansible.builtin.template', 'revert.service.j2') }}"
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.program import ARGUMENTS, program_of


def main() -> None:
    run_control(ARGUMENTS, program_of)


if __name__ == "__main__":
    main()
