#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Everything that is wrong with a host, in one report, before anything on it is changed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_info
short_description: Report everything that keeps a host from its level
version_added: 0.1.0
description:
  - Reads the kernel, the distribution, Docker, package sources, addresses, ids and disk space, and fails once with all
    that is wrong. Changes nothing.
  - Also checks every variable named C(sandbox_*) on the controller, types and names against the roles' argument specs.
  - Sets C(sandbox_facts), so that no facts have to be gathered.
extends_documentation_fragment: [ably.sandbox.info]
options:
  level:
    description: The level that the host shall be brought to.
    type: int
    default: 1
  packages:
    description: The Debian packages that will be installed.
    type: list
    elements: str
    default: []
  daemon_keys:
    description: The keys of daemon.json that will be set.
    type: list
    elements: str
    default: []
  subnet:
    description: The address range of the sessions' network.
    type: str
    default: 10.213.0.0/24
  uid_base:
    description: The first user id of sessions.
    type: int
    default: 60600
  sessions:
    description: The most sessions at once, each with an id of its own.
    type: int
    default: 16
  gid:
    description: The id of the group that opens sessions.
    type: int
    default: 60591
  proxy_uid:
    description: The user id of the TLS gateway.
    type: int
    default: 60599
  remap_uid:
    description: The user id of the account whose subordinate ids level 2 remaps to.
    type: int
    default: 60598
  remap_first_id:
    description: The first of those subordinate ids.
    type: int
    default: 1879048192
  disk_mib:
    description: Space that must be free in C(/var/lib) for packages and the image, in MiB.
    type: int
    default: 2048
  allow_containers:
    description: Whether other people's running containers may be lost from sight when level 2 moves Docker's data.
    type: bool
    default: false
  allow_rollback:
    description: Whether a host at a higher level may be taken down to this one.
    type: bool
    default: false
  kernel_left_out:
    description: The items of M(ably.sandbox.kernel) that stay as they are.
    type: list
    elements: str
    default: []
  kernel_confirmed:
    description: The items of M(ably.sandbox.kernel) that are closed although something on the host uses them.
    type: list
    elements: str
    default: []
  variable_problems:
    description: What is wrong with the variables. Set by the controller's half of this module.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Refuse a host that cannot be hardened
  ably.sandbox.preflight_info:
    level: 1
    packages: [docker.io, haproxy]
    subnet: 10.213.0.0/24
    uid_base: 60600
    sessions: 16
"""

RETURN = r"""
problems:
  description: What is wrong, each with what was found, what was expected and what to do.
  type: list
  elements: dict
  returned: always
notes:
  description: What does not keep the host from its level, but should be known.
  type: list
  elements: str
  returned: always
ansible_facts:
  description: The host's facts that roles need, as C(sandbox_facts).
  type: dict
  returned: success
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import guarded
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.preflight import examine
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Problem
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import render_report

ARGUMENTS = {
    "level": {"type": "int", "default": 1},
    "packages": {"type": "list", "elements": "str", "default": []},
    "daemon_keys": {"type": "list", "elements": "str", "default": []},
    "subnet": {"type": "str", "default": "10.213.0.0/24"},
    "uid_base": {"type": "int", "default": 60600},
    "sessions": {"type": "int", "default": 16},
    "gid": {"type": "int", "default": 60591},
    "proxy_uid": {"type": "int", "default": 60599},
    "remap_uid": {"type": "int", "default": 60598},
    "remap_first_id": {"type": "int", "default": 1879048192},
    "disk_mib": {"type": "int", "default": 2048},
    "allow_containers": {"type": "bool", "default": False},
    "allow_rollback": {"type": "bool", "default": False},
    "kernel_left_out": {"type": "list", "elements": "str", "default": []},
    "kernel_confirmed": {"type": "list", "elements": "str", "default": []},
    "variable_problems": {"type": "list", "elements": "dict", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    report = guarded(module, lambda: examine(module.params))
    problems = [*(Problem(**problem) for problem in module.params["variable_problems"]), *report.problems]
    found = {"problems": [asdict(problem) for problem in problems], "notes": list(report.notes)}
    if problems:
        module.fail_json(msg=render_report(problems), **found)
    for note in report.notes:
        module.warn(note)
    facts = {"sandbox_facts": report.facts, "sandbox_unproven": report.facts["unproven"]}
    module.exit_json(changed=False, ansible_facts=facts, **found)


if __name__ == "__main__":
    main()
