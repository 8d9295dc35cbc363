"""The variables of the control `image`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..checks import Check, Misfit, readable
from ..problem import Problem, wrong_value
from .control import image_control
from .spec import KNOWN_NODES, NODE_PACKAGE, find_expected

_PULLED = "a name with a digest, name@sha256: and 64 hexadecimal digits"


def _check_pulled(value: Any) -> Misfit | None:
    return readable(lambda _unused, name: image_control({"pull": name}), _PULLED)(value) if value else None


CHECKS: Mapping[str, Check] = {"sandbox_image_pull": _check_pulled}


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    if values.get("sandbox_image_source") == "pull" and not values.get("sandbox_image_pull"):
        yield wrong_value("sandbox_image_pull", values.get("sandbox_image_pull", ""), _PULLED)
    if values.get("sandbox_image_source") == "build":
        yield from _find_unbuildable(values)


def _find_unbuildable(values: Mapping[str, Any]) -> Iterator[Problem]:
    """The build would say so too, after the host has been changed."""
    for kind in ("name", "suite", "node"):
        value = str(values[f"sandbox_image_{kind}"])
        if expected := find_expected(kind, value):
            yield wrong_value(f"sandbox_image_{kind}", value, expected)
    packages = values["sandbox_image_npm_packages"]
    if not packages:
        yield wrong_value("sandbox_image_npm_packages", packages, "at least one package")
    for place, package in enumerate(packages):
        if expected := find_expected("npm", package):
            yield wrong_value("sandbox_image_npm_packages", package, expected, f"[{place}]")
    yield from _find_wrong_integrity(values)
    if values["sandbox_image_epoch"] < 0:
        yield wrong_value("sandbox_image_epoch", values["sandbox_image_epoch"], "0 or more")


def _find_wrong_integrity(values: Mapping[str, Any]) -> Iterator[Problem]:
    node, integrity = values["sandbox_image_node"], values["sandbox_image_node_integrity"]
    if integrity and (expected := find_expected("integrity", integrity)):
        yield wrong_value("sandbox_image_node_integrity", integrity, expected)
    known = KNOWN_NODES.get(node)
    if known and integrity not in ("", known):
        yield wrong_value("sandbox_image_node_integrity", integrity, f"{known}, which is that of {node}, or none")
    if not known and not integrity and not find_expected("node", node):
        expected = f"npm's for {node}, as `npm view {NODE_PACKAGE}@{node} dist.integrity` tells it"
        yield wrong_value("sandbox_image_node_integrity", integrity, expected)
