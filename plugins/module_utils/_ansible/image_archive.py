"""From the parameters of `image_archive` to the archive: by a module elsewhere, by Ansible itself on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._controls.image.spec import DEFAULT_NODE, PACKAGES, ImageSpec
from .._formats.image_archive import ArchivedImage
from .._system.image_builder import build_once, built_image

_LISTS = ("packages", "programs", "npm_packages", "certificates", "command")
_SCALARS = ("name", "epoch", "suite", "mirror", "npm_project", "node", "node_integrity")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "name": {"type": "str", "required": True},
    "npm_packages": {"type": "list", "elements": "str", "default": []},
    "npm_project": {"type": "path"},
    "packages": {"type": "list", "elements": "str", "default": list(PACKAGES)},
    "programs": {"type": "list", "elements": "str", "default": []},
    "node": {"type": "str", "default": DEFAULT_NODE},
    "node_integrity": {"type": "str", "default": ""},
    "suite": {"type": "str", "default": "trixie"},
    "mirror": {"type": "str"},
    "certificates": {"type": "list", "elements": "path", "default": []},
    "command": {"type": "list", "elements": "str", "default": ["ably", "interactive"]},
    "environment": {"type": "dict", "default": {}},
    "epoch": {"type": "int", "default": 0},
    "compress": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
}


def ensure_image(given: Mapping[str, Any], only_tell: bool) -> tuple[bool, ArchivedImage | None]:
    """Whether an image was, or had to be, built from these checked parameters; and the image, None where it is not."""
    spec = spec_of(given)
    path = Path(given["path"])
    image = None if given["force"] else built_image(spec, path)
    if image or only_tell:
        return image is None, image
    return build_once(spec, path, packed=given["compress"], again=given["force"])


def result_of(path: str, changed: bool, image: ArchivedImage | None) -> dict[str, Any]:
    """What the task returns."""
    return {
        "changed": changed,
        "path": path,
        "image_id": image.image_id if image else None,
        "manifest": image.manifest if image else None,
    }


def spec_of_variables(values: Mapping[str, Any]) -> ImageSpec:
    """What the role `image` builds from its variables, of which it gives those of the parameters' names."""
    given = {name: values.get(f"sandbox_image_{name}", option.get("default")) for name, option in ARGUMENTS.items()}
    # The program alone: its arguments are no part of the image.
    given["command"] = values["sandbox_container_command"][:1]
    return spec_of({**given, "mirror": given["mirror"] or None})


def spec_of(given: Mapping[str, Any]) -> ImageSpec:
    """Raises ImageSpecError for what makes no sense."""
    inputs = {name: given[name] for name in _SCALARS}
    inputs.update({name: tuple(given[name]) for name in _LISTS})
    environment = {name: str(value) for name, value in given["environment"].items()}
    return ImageSpec(environment=environment, **inputs).checked()
