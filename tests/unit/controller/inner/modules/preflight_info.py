"""Writes down what it was told of the controller, and finds nothing wrong with the host."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule

LISTS = ("required", "tags", "skip_tags", "variable_problems", "variable_notes", "controller_problems")


def main() -> None:
    options = {"variables": {"type": "dict"}, **{name: {"type": "list"} for name in LISTS}}
    module = AnsibleModule(options, supports_check_mode=True)
    told = [f"{one['what'].partition(': ')[2]}: {one['expected']}" for one in module.params["controller_problems"]]
    with open(os.environ["STAND_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(["preflight_info", told]) + "\n")
    facts = {"sandbox_facts": {"level": 0, "on_trial": ""}, "sandbox_unproven": ""}
    module.exit_json(changed=False, ansible_facts=facts)


if __name__ == "__main__":
    main()
