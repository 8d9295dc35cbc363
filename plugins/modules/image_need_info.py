#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Which image archive a host asks of the controller, told by the action of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_need_info
short_description: Tell which image archive a host asks of the controller
version_added: 0.2.0
description:
  - Takes the variables of the role C(image) as they are for this host. Everything happens on the controller; the host
    is not connected to.
  - A host that pulls its image, and one at level 0, asks for nothing.
extends_documentation_fragment: [ably.sandbox.info]
options: {}
"""

EXAMPLES = r"""
- name: See which session image the host asks of the controller
  ably.sandbox.image_need_info:
  register: need
"""

RETURN = r"""
needs:
  description: None, or the one archive; with the digest of what it is built from, empty where it has to be there.
  type: list
  elements: dict
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.fail_json(msg="image_need_info: expected to be a task of a play, whose variables no host knows")


if __name__ == "__main__":
    main()
