#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""A control that does nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nothing
short_description: Do nothing
version_added: 0.3.0
description:
  - Is applied, and changes nothing.
extends_documentation_fragment: [ably.sandbox.control]
"""

EXAMPLES = r"""
- name: Do nothing
  ably.sandbox.nothing:
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.nothing.control import nothing_control


def main() -> None:
    run_control({}, lambda _unused: nothing_control())


if __name__ == "__main__":
    main()
