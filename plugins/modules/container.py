#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The container that a session gets, and the service that opens it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container
short_description: Open the door to sessions
version_added: 0.1.0
description:
  - Puts fragments of the sessions' specification in place, and the units that open sessions and bound all of them
    together. The whole specification is judged before anything is written.
extends_documentation_fragment: [ably.sandbox.control]
options:
  command:
    description: What a session runs, as a program and its arguments. No shell comes into it.
    type: list
    elements: str
    required: true
  any_command:
    description: Whether whoever opens a session may name a command of their own.
    type: bool
    default: false
  environment:
    description: Variables of the command line's environment, with their values.
    type: dict
    default: {}
  client_environment:
    description: Names of the variables that whoever opens a session may hand in.
    type: list
    elements: str
    default: []
  users:
    description: Accounts that may open sessions, each as C(getent passwd) prints its name. Root always may.
    type: list
    elements: str
    default: []
  gid:
    description: The id of the group C(ably-sandbox).
    type: int
    required: true
  sessions:
    description: The most sessions at once.
    type: int
    required: true
  uid_base:
    description: The first of the user ids of sessions, one for each.
    type: int
    required: true
  home_directory:
    description: The home of the session's user. Only C(.ably) in it is writable.
    type: str
    required: true
  home_volume:
    description: Name of a Docker volume for C(.ably). Empty means memory, new for each session.
    type: str
    default: ""
  home_size:
    description: Size of C(.ably) when it is in memory, such as C(10m).
    type: str
    required: true
  tmp_size:
    description: Size of C(/tmp), in memory.
    type: str
    required: true
  run_size:
    description: Size of C(/run), in memory.
    type: str
    required: true
  shm_size:
    description: Size of C(/dev/shm), in memory.
    type: str
    required: true
  file_size:
    description: The largest file that a process may write.
    type: str
    required: true
  binds:
    description: Files and folders of the host to show in sessions, read-only.
    type: list
    elements: dict
    default: []
    suboptions:
      source:
        description: The path on the host.
        type: str
        required: true
      target:
        description: The path in sessions.
        type: str
        required: true
  memory:
    description: Memory of one session, tmpfs included.
    type: str
    required: true
  cpus:
    description: Processors of one session; 0.5 is half of one.
    type: float
    required: true
  pids:
    description: Processes and threads of one session.
    type: int
    required: true
  open_files:
    description: Open files of one process.
    type: int
    required: true
  slice_unit:
    description: The text of the unit of the slice that bounds all sessions together.
    type: str
    required: true
  socket_unit:
    description: The text of the unit of the socket that people connect to.
    type: str
    required: true
  service_unit:
    description: The text of the unit of the service that a connection starts.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Open the door to sessions
  ably.sandbox.container:
    command: [ably, interactive]
    users: [terminal]
    gid: 60591
    sessions: 16
    uid_base: 60600
    home_directory: /home/ably
    home_size: 10m
    tmp_size: 64m
    run_size: 16m
    shm_size: 8m
    file_size: 64m
    memory: 256m
    cpus: 1
    pids: 50
    open_files: 1024
    slice_unit: "{{ lookup('ansible.builtin.template', 'sandbox.slice.j2') }}"
    socket_unit: "{{ lookup('ansible.builtin.template', 'session.socket.j2') }}"
    service_unit: "{{ lookup('ansible.builtin.template', 'session@.service.j2') }}"
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.container import ARGUMENTS, container_of
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import run_control


def main() -> None:
    run_control(ARGUMENTS, container_of)


if __name__ == "__main__":
    main()
