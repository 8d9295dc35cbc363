"""Writes down to which level it was asked to go, and goes nowhere."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    options = {"to_level": {"type": "int"}, "force": {"type": "bool"}, "packages": {"type": "bool"}}
    module = AnsibleModule(options, supports_check_mode=True)
    with open(os.environ["STAND_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(["rollback", module.params]) + "\n")
    module.exit_json(changed=True, kept=[])


if __name__ == "__main__":
    main()
