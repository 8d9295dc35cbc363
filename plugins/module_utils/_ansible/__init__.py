"""The first that each module imports of ours: a Python that is too old for the rest is refused by a sentence.

Of all that is ours, this file alone has to run on it (`vermin --target=3.6-`, in `make lint`).
"""

import json
import sys

_OLDEST = (3, 9)

if sys.version_info < _OLDEST:
    _FOUND = ".".join(map(str, sys.version_info[:3]))
    _MESSAGE = "python: found {} ({}), expected {} or newer; set ansible_python_interpreter to one. Nothing was changed."
    # As a module tells Ansible that it failed, without what Ansible has for it: that may be too new as well.
    _ANSWER = {"failed": True, "msg": _MESSAGE.format(_FOUND, sys.executable, ".".join(map(str, _OLDEST)))}
    sys.stdout.write(json.dumps(_ANSWER) + "\n")
    sys.exit(1)
