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
  variables:
    description:
      - Variables of the roles by name, which count before those of the inventory. The controller's half of this module
        adds all others that the search needs, from the inventory and from the roles' defaults.
    type: dict
    default: {}
  required:
    description: Variables that have to be set. The controller's half of this module sees whether they are.
    type: list
    elements: str
    default: []
  tags:
    description: What the run does of a playbook's work. Set by the controller's half of this module.
    type: list
    elements: str
    default: [all]
  skip_tags:
    description: What the run leaves out. Set by the controller's half of this module.
    type: list
    elements: str
    default: []
  variable_problems:
    description: What is wrong with the variables. Set by the controller's half of this module.
    type: list
    elements: dict
    default: []
  controller_problems:
    description: What the controller lacks for session images, as M(ably.sandbox.controller_info) finds it.
    type: list
    elements: dict
    default: []
  variable_notes:
    description: What of the variables does no harm, but should be known. Set by the controller's half of this module.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse a host that cannot be hardened
  ably.sandbox.preflight_info:

- name: See what would keep a host from level 2
  ably.sandbox.preflight_info:
    variables:
      sandbox_level: 2
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
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import render_report
from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import Found, Problem

ARGUMENTS = {
    "variables": {"type": "dict", "default": {}},
    "required": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "list", "elements": "str", "default": ["all"]},
    "skip_tags": {"type": "list", "elements": "str", "default": []},
    "variable_problems": {"type": "list", "elements": "dict", "default": []},
    "controller_problems": {"type": "list", "elements": "dict", "default": []},
    "variable_notes": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    of_variables, of_controller = (
        [Problem(**problem) for problem in given[name]] for name in ("variable_problems", "controller_problems")
    )
    before = Found(of_variables, of_controller)
    report = guarded(module, lambda: examine(given["variables"], given["tags"], given["skip_tags"], before))
    problems = report.problems
    notes = [*module.params["variable_notes"], *report.notes]
    found = {"problems": [asdict(problem) for problem in problems], "notes": notes}
    if problems:
        module.fail_json(msg=render_report(problems), **found)
    for note in notes:
        module.warn(note)
    facts = {"sandbox_facts": report.facts, "sandbox_unproven": report.facts["unproven"]}
    module.exit_json(changed=False, ansible_facts=facts, **found)


if __name__ == "__main__":
    main()
