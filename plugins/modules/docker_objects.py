#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""What level 1 made in Docker exists again once ids are remapped."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_objects
short_description: Make the session image exist where Docker remaps ids
version_added: 0.1.0
description:
  - Loads the session image from the file that M(ably.sandbox.userns) has kept on the host. Nothing is transferred. An
    image that was pulled is pulled once more, as Docker keeps a digest only where it pulled.
extends_documentation_fragment: [ably.sandbox.control]
"""

EXAMPLES = r"""
- name: Make what level 1 made in Docker exist again
  ably.sandbox.docker_objects:
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import apply_control, guarded
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.userns import docker_objects_of, has_level_1


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    if module.check_mode and not guarded(module, has_level_1):
        module.exit_json(changed=False, plan=[])
    apply_control(module, lambda _unused: docker_objects_of())


if __name__ == "__main__":
    main()
