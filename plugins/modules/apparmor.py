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
  executables:
    description:
      - Absolute paths in the image, links resolved, of the programs that a session may execute. They stay in the
        profile.
    type: list
    elements: path
    required: true
  home_directory:
    description: Home directory of the sessions. C(.ably) in it is what they may write.
    type: path
    required: true
  readable_folders:
    description: Folders of the image that sessions may read, beyond those that every Debian system has.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Confine sessions to their files and programs
  ably.sandbox.apparmor:
    executables: [/usr/bin/node]
    home_directory: /home/ably
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
