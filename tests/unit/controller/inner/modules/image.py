"""Writes down what it was asked for."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    options = {name: {"type": "str"} for name in ("pull", "archive", "reference", "id")}
    module = AnsibleModule(options, supports_check_mode=True)
    with open(os.environ["STAND_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(["image", module.params]) + "\n")
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
