#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The AppArmor profile of the sessions."""

from __future__ import annotations

DOCUMENTATION = r"""
module: apparmor
short_description: Let sessions read their image, write their own folder and execute only what is listed
version_added: 0.1.0
description:
  - Writes one AppArmor profile, C(ably-sandbox), loads it, has it loaded at every boot, and makes every session run
    under it.
  - A session is refused unless the kernel has exactly this profile, in enforce mode.
extends_documentation_fragment: [ably.sandbox.control]
options:
  profile:
    description: The source of the profile, for a parser of version 4 or newer.
    type: str
    required: true
  profile_before_4:
    description: The same for a parser of version 3, which refuses what it does not know.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Confine sessions to their files and programs
  ably.sandbox.apparmor:
    profile: "{{ lookup('ansible.builtin.template', 'profile.j2', template_vars={'abi': '4.0'}) }}"
    profile_before_4: "{{ lookup('ansible.builtin.template', 'profile.j2', template_vars={'abi': '3.0'}) }}"
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.apparmor import ARGUMENTS, apparmor_of
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control


def main() -> None:
    run_control(ARGUMENTS, apparmor_of)


if __name__ == "__main__":
    main()
