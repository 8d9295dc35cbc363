"""The controller's half of `ably.sandbox.image`: reads the archive, sends it only to a host that lacks its image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_tar import read_image

_MODULE = "ably.sandbox.image"
_LACKING = "archive_needed"


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """One module execution when the image is there, a second one with the archive when it is not."""

    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        archive = arguments.pop("archive", None)
        if archive is None:
            return self._execute(arguments, task_vars)
        source = self._find_needle("files", archive)
        try:
            image = read_image(Path(source))
        except SandboxError as error:
            raise AnsibleActionFail(str(error)) from error
        except OSError as error:
            raise AnsibleActionFail(f"{source}: cannot be read: {error.strerror}; choose another archive") from error
        wanted = arguments.get("id") or image.image_id
        if wanted != image.image_id:
            raise AnsibleActionFail(
                f"{source}: expected the image {wanted}, which this host's variables build, found {image.image_id}; "
                "hosts whose images differ need a sandbox_image_archive each"
            )
        arguments.update(reference=_reference_of(image.tags, source), id=wanted)
        result = self._execute(arguments, task_vars)
        return self._send(source, arguments, task_vars) if result.get(_LACKING) else result

    def _send(self, source: str, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        folder = self._make_tmp_path()
        try:
            remote = self._connection._shell.join_path(folder, "image.tar")  # noqa: SLF001  # Ansible's own plugins do
            self._transfer_file(source, remote)
            return self._execute({**arguments, "archive": remote}, task_vars)
        finally:
            self._remove_tmp_path(folder)

    def _execute(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return result


def _reference_of(tags: tuple[str, ...], source: str) -> str:
    if len(tags) != 1:
        raise AnsibleActionFail(f"{source}: expected an image with one name, found {len(tags)}")
    return tags[0]
