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
"""

EXAMPLES = r"""
- name: Install the packages of level 1
  ably.sandbox.packages:
    names: [docker.io, haproxy, dnsmasq-base, nftables, catatonit]
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.control import packages_control

ARGUMENTS = {"names": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    run_control(ARGUMENTS, lambda params: packages_control(params["names"]))


if __name__ == "__main__":
    main()
