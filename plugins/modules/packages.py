#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Debian packages that the sandbox needs, and the account files that installing them moves."""

from __future__ import annotations

DOCUMENTATION = r"""
module: packages
short_description: Install the packages of a sandbox host
version_added: 0.1.0
description:
  - Installs Debian packages, in one call of the package manager, without recommended packages.
  - A package brings no service to life. The services that are wanted are started by the controls that need them.
  - Rolling back leaves packages installed unless M(ably.sandbox.rollback) is told otherwise, and then removes only
    those that were not there before.
extends_documentation_fragment: [ably.sandbox.control]
options:
  names:
    description: The packages.
    type: list
    elements: str
    required: true
  lock_wait:
    description:
      - For how many seconds, in all, another package manager is waited for that holds one of dpkg's or apt's locks.
        Nobody is waited for where all the packages are there.
    type: int
    required: true
  waited:
    description:
      - For how many of these seconds it has been waited already. The module then ends after a minute, with RV(held_by)
        if nothing has been changed by then. Set by the controller's half, which says who holds it, and calls again.
    type: int
"""

EXAMPLES = r"""
- name: Install the packages of level 1
  ably.sandbox.packages:
    names: [docker.io, haproxy, dnsmasq-base, nftables, catatonit]
    lock_wait: 600
"""

RETURN = r"""
held_by:
  description: The process that holds one of the locks. Nothing was done, and there is patience left.
  type: str
  returned: while O(waited) is below O(lock_wait)
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.packages import install_packages

ARGUMENTS = {
    "names": {"type": "list", "elements": "str", "required": True},
    "lock_wait": {"type": "int", "required": True},
    "waited": {"type": "int"},
}


def main() -> None:
    install_packages(AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True))


if __name__ == "__main__":
    main()
