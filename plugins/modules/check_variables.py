#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""All variables of a host, checked on the controller by the action of the same name. Nothing is asked of the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: check_variables
short_description: Refuse variables that nobody knows, or that make no sense
version_added: 0.2.0
description:
  - Checks every variable named C(sandbox_*), types and names against the roles' argument specs, and fails once with all
    that is wrong. Everything happens on the controller; the host is not connected to.
  - A name that no role knows is refused when it begins like a variable of ours, differs from one by at most two
    letters, or was given on the command line. Any other is a warning.
  - M(ably.sandbox.preflight_info) does the same, and looks at the host besides.
options:
  required:
    description: Variables that have to be set.
    type: list
    elements: str
    default: []
extends_documentation_fragment: [ably.sandbox.info]
"""

EXAMPLES = r"""
- name: Refuse variables that nobody knows, or that make no sense
  ably.sandbox.check_variables:
    required: [sandbox_level]
"""

RETURN = r"""
problems:
  description: What is wrong, each with what was found, what was expected and what to do.
  type: list
  elements: dict
  returned: always
notes:
  description: What does no harm, but should be known.
  type: list
  elements: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENTS = {"required": {"type": "list", "elements": "str", "default": []}}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    module.fail_json(msg="check_variables: expected to be a task of a play, whose variables no host knows")


if __name__ == "__main__":
    main()
