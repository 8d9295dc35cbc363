#!/usr/bin/python
# Apache License 2.0 (see LICENSE)
"""The session image on the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Bring the session image to the host
version_added: 0.1.0
description:
  - Pulls an image by digest, or loads it from an archive that lies on the controller. The archive travels only when the
    host does not have the image yet, and does not stay there.
extends_documentation_fragment: [ably.sandbox.control]
options:
  pull:
    description: A name with a digest, C(name@sha256:...). Excludes O(archive).
    type: str
  archive:
    description: An archive as C(docker save) writes it or M(ably.sandbox.image_archive) builds it, on the controller.
    type: path
  reference:
    description: The image's name and tag. Set from the archive.
    type: str
  id:
    description: The image's id. Set from the archive; where it is given, an archive of another image is refused.
    type: str
"""

EXAMPLES = r"""
- name: Load the session image
  ably.sandbox.image:
    archive: build/session.tar
"""

RETURN = r"""
plan:
  description: What was changed, or would be, one sentence a resource.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import apply_control, guarded
from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.control import image_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.descriptor import IMAGE
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import DockerImageFacts, facts_of
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore

ARGUMENTS = {
    "pull": {"type": "str"},
    "archive": {"type": "path"},
    "reference": {"type": "str"},
    "id": {"type": "str"},
}
RULES = {
    "mutually_exclusive": [("pull", "archive"), ("pull", "id")],
    "required_one_of": [("pull", "id")],
    "required_together": [("reference", "id")],
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True, **RULES)
    if guarded(module, lambda: lacks_archive(module)):
        module.exit_json(changed=False, archive_needed=True)
    apply_control(module, image_control)


def lacks_archive(module: AnsibleModule) -> bool:
    """The image has to be loaded, or after a run that died may have to be, and has not been sent yet."""
    wanted = module.params["id"]
    if wanted is None or module.params["archive"] is not None or module.check_mode:
        return False
    if IMAGE.owner in fold(LedgerStore().read()).applying:
        return True
    there = facts_of(DockerImageFacts, LocalHost().observe(Resource("docker_image", module.params["reference"])))
    return there is None or there.id != wanted


if __name__ == "__main__":
    main()
