"""A fact that several places share stands once: changed there, nothing that is rendered has the former value."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, copy_checkout, run_in
from ansible_collections.ably.sandbox.tests.unit.golden.rendering import render_all

NAMES = Path("plugins") / "module_utils" / "_controls" / "names.py"
# In names.py: the former text and the new one.
CONSTANTS = {
    "bridge": ("ably-gateway", "ably-elsewhere"),
    "slice": ("ably-sandbox.slice", "ably-others.slice"),
    "socket": ("/session.sock", "/people.sock"),
    "fragments": ("container.d", "pieces.d"),
}
# Variables, with two values that nothing else has.
VARIABLES = {
    "sandbox_container_uid_base": (43_117, 47_533),
    "sandbox_userns_first_id": (1_234_567_890, 1_357_924_680),
    "sandbox_container_sessions": (787, 613),
    "sandbox_egress_subnet": ("10.201.0.0/20", "10.202.0.0/20"),
}
GATEWAY = {"10.201.0.0/20": "10.201.0.1", "10.202.0.0/20": "10.202.0.1"}
# What fits all of them.
GIVEN = {"sandbox_egress_subnet": "10.203.0.0/20", "sandbox_egress_gateway": "10.203.0.1"}


def render(name: str, value: object) -> str:
    gateway = {"sandbox_egress_gateway": GATEWAY[str(value)]} if value in GATEWAY else {}
    return "\n".join(render_all(REPO, {**GIVEN, name: value, **gateway}).values())


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable(name: str) -> None:
    former, new = VARIABLES[name]
    said = str(former).removesuffix("0.0/20")
    assert said in render(name, former)
    assert said not in render(name, new)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("checkout")
    copy_checkout(top)
    return top


def render_copy(top: Path, folder: str) -> str:
    run_in(top, sys.executable, "tests/unit/golden/rendering.py", folder)
    return "\n".join(
        f"{path.relative_to(top / folder)}\n{path.read_text(encoding='utf-8')}"
        for path in (top / folder).rglob("*")
        if path.is_file()
    )


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_name(copy: Path, name: str) -> None:
    former, new = CONSTANTS[name]
    text = (REPO / NAMES).read_text(encoding="utf-8")
    assert text.count(former) == 1
    (copy / NAMES).write_text(text, encoding="utf-8")
    assert former in render_copy(copy, f"{name}-former")
    (copy / NAMES).write_text(text.replace(former, new), encoding="utf-8")
    rendered = render_copy(copy, f"{name}-new")
    assert new in rendered
    assert former not in rendered
