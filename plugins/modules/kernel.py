#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""What no session needs of the kernel is closed to all of them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kernel
short_description: Close the parts of the kernel that no session needs
version_added: 0.2.0
description:
  - Keeps modules that no session needs from being loaded, and switches off what a session could switch on, for programs
    without privileges. An item is a group of modules or a kernel parameter; each can be left out by its name.
  - What is loaded stays loaded, and is told. An item that the host uses is refused before anything changes,
    unless it is left out or confirmed.
extends_documentation_fragment: [ably.sandbox.control]
options:
  left_out:
    description: The items that stay as they are.
    type: list
    elements: str
    default: []
  confirmed:
    description: The items that are closed although something on the host uses them.
    type: list
    elements: str
    default: []
  module_rules:
    description: The text of the file of modprobe that keeps the modules of all other items from being loaded.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Close what no session needs of the kernel
  ably.sandbox.kernel:
    left_out: [ipsec]
    module_rules: "{{ lookup('ansible.builtin.template', 'modprobe.conf.j2') }}"
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
gaps:
  description: The items that are in effect after a reboot only, because they are loaded, or not possible here.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.kernel import run_kernel


def main() -> None:
    run_kernel()


if __name__ == "__main__":
    main()
