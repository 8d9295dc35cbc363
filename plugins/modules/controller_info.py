#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""What the controller lacks for session images, told by the action of the same name. Nothing is asked of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: controller_info
short_description: Tell what the controller lacks for session images
version_added: 0.2.0
description:
  - Looks for the programs that build an image, for archives that have to be there, and for two hosts whose different
    images would be built into one archive. Never fails, and changes nothing; M(ably.sandbox.preflight_info) reports it.
  - Everything happens on the controller; no host is connected to.
extends_documentation_fragment: [ably.sandbox.info]
options:
  needs:
    description: What M(ably.sandbox.image_need_info) has told, of all hosts.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: See what the controller lacks for the session images
  ably.sandbox.controller_info:
    needs: "{{ ansible_play_hosts_all | map('extract', hostvars) | map(attribute='need.needs') | flatten }}"
  run_once: true
"""

RETURN = r"""
problems:
  description: What is lacking, each with what was found, what was expected and what to do.
  type: list
  elements: dict
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENTS = {"needs": {"type": "list", "elements": "dict", "required": True}}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    module.fail_json(msg="controller_info: expected to be a task of a play, which runs on the controller")


if __name__ == "__main__":
    main()
