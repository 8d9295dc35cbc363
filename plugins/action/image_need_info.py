"""`ably.sandbox.image_need_info`, all of which happens on the controller: only it knows the variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.image_archive import spec_of_variables
from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.controller import UNKNOWN, ImageNeed
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_builder import digest_inputs
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    defaults_of,
    load_options,
    read_variables,
)

_OF_IMAGES = ("sandbox_image_", "sandbox_container_command")


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """No module execution. Preflight refuses variables that make no sense: here the defaults stand for them."""

    _VALID_ARGS = frozenset()

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given = task_vars or {}
        variables = read_variables(self._templar, self._loader, given, [])
        wrong = {problem.variable for problem in variables.problems}
        right = {name: value for name, value in variables.typed.items() if name not in wrong}
        values = {**defaults_of(load_options()), **right}
        is_asked = values["sandbox_level"] > 0 and values["sandbox_image_source"] != "pull"
        if not is_asked:
            return {"changed": False, "needs": []}
        is_known = not any(name.startswith(_OF_IMAGES) for name in wrong)
        return {"changed": False, "needs": [asdict(self._need(given["inventory_hostname"], values, is_known))]}

    def _need(self, host: str, values: Mapping[str, Any], is_known: bool) -> ImageNeed:
        path = values["sandbox_image_archive"]
        if values["sandbox_image_source"] == "build":
            # Where the build puts it.
            path = os.path.expanduser(os.path.expandvars(path))
            path = os.path.join(self._loader.get_basedir(), path)
            if not is_known:
                return ImageNeed(host, path, UNKNOWN)
            spec = spec_of_variables(values)
            return ImageNeed(host, path, digest_inputs(spec), spec.pinned, spec.epoch)
        try:
            return ImageNeed(host, self._find_needle("files", path))
        except AnsibleError:
            return ImageNeed(host, path)
