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
  additional:
    description: System calls to allow besides. Tripwires cannot be.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Filter the system calls of sessions
  ably.sandbox.seccomp:
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
