#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Root in a container is a high, unprivileged id on the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: userns
short_description: Have Docker map the ids of containers to a range of their own
version_added: 0.1.0
description:
  - Makes an account with a range of 65536 subordinate ids that overlaps nobody's, and has Docker remap to it. Docker
    restarts, and works on another data folder from then on; what was in the former one is there again after a rollback.
  - The session image is kept in a file on the host before, for M(ably.sandbox.docker_objects). Sessions that run are
    ended.
  - Is on trial until it is confirmed over a new connection, which it sees to itself; see M(ably.sandbox.confirm).
extends_documentation_fragment: [ably.sandbox.control]
options:
  first_id:
    description: The first of the 65536 ids, on the host, of users and of groups.
    type: int
    required: true
  uid:
    description: The id of the account C(ably-sandbox-remap) and of its group.
    type: int
    required: true
  allow_containers:
    description: Go on although containers of others run. Docker then no longer knows them until it is rolled back.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Map root in containers to an unprivileged id
  ably.sandbox.userns:
    first_id: 1879048192
    uid: 60598
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.userns import ARGUMENTS, subids_of, userns_of


def main() -> None:
    run_control(ARGUMENTS, subids_of, userns_of)


if __name__ == "__main__":
    main()
