#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Docker Engine with safe defaults."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker
short_description: Run Docker Engine with safe defaults
version_added: 0.1.0
description:
  - Sets single keys of C(/etc/docker/daemon.json), restarts Docker only when one changed, and puts everything back when
    Docker does not answer afterwards. Other keys stay as they are, to the byte.
  - Before anything changes it judges how Docker would start, by the file, the flags of its unit and what it reports
    of itself, has dockerd validate them together, and refuses where Docker would not start, or as another one.
  - Is on trial until it is confirmed over a new connection, which it sees to itself; see M(ably.sandbox.confirm).
extends_documentation_fragment: [ably.sandbox.control]
options:
  daemon_config:
    description: Top-level keys of daemon.json, with their values.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Bring Docker Engine to safe defaults
  ably.sandbox.docker:
    daemon_config:
      live-restore: true
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.docker import docker_of

ARGUMENTS = {
    "daemon_config": {"type": "dict", "required": True},
}


def main() -> None:
    run_control(ARGUMENTS, docker_of)


if __name__ == "__main__":
    main()
