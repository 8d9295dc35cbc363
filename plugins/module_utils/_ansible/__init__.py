"""The first that each module imports of ours: a Python that is too old for the rest is refused by a sentence.

Of all that is ours, this file alone has to run on it (`vermin --target=3.7-`, in `make lint`). What Ansible puts around
a module is newer than that: below, `plugin_utils.first_contact` has the sentence.
"""

from __future__ import annotations

import json
import sys

_OLDEST = (3, 9)

if sys.version_info < _OLDEST:
    _FOUND = ".".join(map(str, sys.version_info[:3]))
    _EXPECTED = ".".join(map(str, _OLDEST))
    # As a module tells Ansible that it failed, without what Ansible has for it: that may be too new as well.
    _ANSWER = {
        "failed": True,
        "msg": f"python: found {_FOUND} ({sys.executable}), expected {_EXPECTED} or newer; "
        "set ansible_python_interpreter to one. Nothing was changed.",
    }
    sys.stdout.write(json.dumps(_ANSWER) + "\n")
    sys.exit(1)
