"""Writes down how a trial was to be settled."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule({"settle": {"type": "bool"}, "new_connection": {"type": "bool"}}, supports_check_mode=True)
    with open(os.environ["STAND_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(["confirm", module.params]) + "\n")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
