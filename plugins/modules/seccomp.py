#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""Only the system calls that the command line needs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seccomp
short_description: Allow sessions the system calls that they need, and no others
version_added: 0.1.0
description:
  - Makes a filter from named groups of system calls, for this host's one architecture and the calls that its libseccomp
    knows, and has Docker run sessions by crun, which applies it.
  - A call that is not listed is refused (EPERM), and logged with the session's id where runtime and Docker can. What no
    honest program calls kills the program, and is always logged.
extends_documentation_fragment: [ably.sandbox.control]
options:
  groups:
    description: System calls that are allowed whatever their arguments are, in groups.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the calls have in common, which stands in the filter.
        type: str
        required: true
      reason:
        description: Who needs them.
        type: str
        required: true
      calls:
        description: The calls by name, of x86-64 and arm64 together. Each is in one list alone.
        type: list
        elements: str
        required: true
  rules:
    description: System calls that are allowed with some arguments only, a rule for each of their combinations.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the rule allows.
        type: str
        required: true
      reason:
        description: Who needs it.
        type: str
        required: true
      call:
        description: The call. Several rules may be about one.
        type: str
        required: true
      arguments:
        description: What each argument has to be, all of them together. Those that are not here may be anything.
        type: list
        elements: dict
        required: true
        suboptions:
          index:
            description: Which argument, from 0 to 5.
            type: int
            required: true
          values:
            description: The values that it may have, name to number.
            type: dict
            required: true
          mask:
            description: The bits that are looked at. All of them when there is none.
            type: int
  tripwires:
    description: System calls that kill whoever makes them, in groups.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the calls have in common, which stands in the filter.
        type: str
        required: true
      reason:
        description: What is lost where they work.
        type: str
        required: true
      calls:
        description: The calls by name, of x86-64 and arm64 together. Each is in one list alone.
        type: list
        elements: str
        required: true
  additional:
    description: System calls to allow besides. Tripwires cannot be.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Filter the system calls of sessions
  ably.sandbox.seccomp:
    groups:
      - {name: open files, reason: settings are read and written, calls: [openat, close, read, write]}
    rules:
      - {name: local, reason: between processes, call: socket, arguments: [{index: 0, values: {AF_UNIX: 1}}]}
    tripwires:
      - {name: namespaces, reason: they give rights, calls: [setns, unshare]}
    additional: [timerfd_create, timerfd_settime]
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
logs_denials:
  description: Whether calls that are refused are in the kernel's log. Those that kill always are.
  type: bool
  returned: success
log_obstacle:
  description: What keeps refused calls out of the kernel's log. Empty when nothing does.
  type: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.seccomp import run_seccomp


def main() -> None:
    run_seccomp()


if __name__ == "__main__":
    main()
