"""The sessions' AppArmor profile, by value for each syntax; and what cannot be written into one."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.control import FRAGMENT, apparmor_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.keys import AppArmor
from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.profile import (
    AppArmorError,
    AppArmorPolicy,
    choose_syntax,
    parse_apparmor_policy,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._formats.apparmor_facts import parse_parser_version
from ansible_collections.ably.sandbox.tests.role_templates import render_profile
from ansible_collections.ably.sandbox.tests.unit.agent.fragments import DIGEST
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case
from ansible_collections.ably.sandbox.tests.unit.controls.test_container_spec import assemble

PARAMETERS: dict[str, Any] = {
    "executables": ["/usr/bin/node"],
    "executables_additional": [],
    "home_directory": "/home/ably",
    "libraries_additional": [],
    "readable_folders": [],
}
POLICY = parse_apparmor_policy(PARAMETERS)
NEEDS_4 = ("deny userns", "deny mqueue", "deny io_uring", "attach_disconnected.path")


def rules(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


@pytest.mark.parametrize("syntax", [(3, 0), (4, 0)])
def test_the_profile_by_value(syntax: tuple[int, int]) -> None:
    assert render_profile(POLICY, syntax) == read_case(f"apparmor-{syntax[0]}.{syntax[1]}.profile")


def test_an_older_parser_sees_nothing_that_it_refuses() -> None:
    assert not [rule for rule in rules(render_profile(POLICY, (3, 0))) if any(word in rule for word in NEEDS_4)]
    assert all(word in render_profile(POLICY, (4, 0)) for word in NEEDS_4)
    assert "abi <abi/3.0>," in render_profile(POLICY, (3, 0))
    assert "abi <abi/4.0>," in render_profile(POLICY, (4, 0))


def test_the_policy_is_what_the_profile_says() -> None:
    policy = AppArmorPolicy(
        ("/usr/local/bin/node", "/usr/bin/git"), "/srv/person", ("/app",), ("/app/**.node", "/opt/x/libx.so.1")
    )
    text = rules(render_profile(policy, (4, 0)))
    assert [rule for rule in text if rule.endswith(" mrix,")] == ["/usr/local/bin/node mrix,", "/usr/bin/git mrix,"]
    assert "owner /srv/person/.ably/{,**} rwkl," in text
    assert "/app/{,**} r," in text
    assert {"/app/**.node mr,", "/opt/x/libx.so.1 mr,"} <= set(text)


def test_what_is_additional_comes_besides() -> None:
    given = {"executables_additional": ["/opt/x/node", "/usr/bin/node"], "libraries_additional": ["/opt/x/*.node"]}
    policy = parse_apparmor_policy({**PARAMETERS, **given})
    assert (policy.executables, policy.libraries) == (("/usr/bin/node", "/opt/x/node"), ("/opt/x/*.node",))


@pytest.mark.parametrize("syntax", [(3, 0), (4, 0)])
def test_nothing_is_both_writable_and_machine_code(syntax: tuple[int, int]) -> None:
    allowed = [rule for rule in rules(render_profile(POLICY, syntax)) if rule.startswith(("/", "owner /"))]
    files = [rule.rstrip(",").rsplit(" ", 1) for rule in allowed]
    assert files
    assert not [path for path, perms in files if "w" in perms and ("m" in perms or "x" in perms)]
    assert [path for path, perms in files if "x" in perms] == ["/usr/bin/node"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("executables", [], "at least one program"),
        ("executables", ["node"], "absolute path"),
        ("executables", ["/usr/bin/*"], "absolute path"),
        ("executables", ["/usr/bin/{node,sh}"], "absolute path"),
        ("executables", ["/usr/bin/node[12]"], "absolute path"),
        ("executables", ["/usr/bin/@{x}"], "absolute path"),
        ("executables", ["/usr/bin/no de"], "absolute path"),
        ("executables", ['/usr/bin/"node'], "absolute path"),
        ("executables", ["/usr/bin/node\n/** ix,"], "absolute path"),
        ("executables", ["/usr/bin/node\n"], "absolute path"),
        ("executables", ["/usr/../bin/node"], "absolute path"),
        ("executables", ["/usr//bin/node"], "absolute path"),
        ("executables", ["/usr/bin/"], "absolute path"),
        ("executables", [""], "absolute path"),
        ("executables", ["/tmp/node"], "/tmp"),
        ("executables", ["/dev/shm/node"], "/dev"),
        ("executables", ["/proc/self/exe"], "/proc"),
        ("executables", ["/home/ably/.ably/node"], "/home/ably/.ably"),
        ("executables_additional", ["/opt/*/node"], "absolute path"),
        ("executables_additional", ["/opt/node", "/tmp/node"], "/tmp"),
        ("executables_additional", ["/home/ably/.ably/bin/x"], "/home/ably/.ably"),
        ("libraries_additional", ["x.node"], "absolute path"),
        ("libraries_additional", ["/x.node"], "absolute path"),
        ("libraries_additional", ["/**.node"], "absolute path"),
        ("libraries_additional", ["/*/x.node"], "absolute path"),
        ("libraries_additional", ["/opt/**/"], "absolute path"),
        ("libraries_additional", ["/opt/x/../../tmp/x.node"], "absolute path"),
        ("libraries_additional", ["/opt/{x,y}.node"], "absolute path"),
        ("libraries_additional", ["/opt/x y.node"], "absolute path"),
        ("libraries_additional", ["/opt/x.node\n"], "absolute path"),
        ("libraries_additional", ["/opt/[a].node"], "absolute path"),
        ("libraries_additional", ["/opt/?.node"], "absolute path"),
        ("libraries_additional", ["/tmp/x.node"], "none that may be in /tmp/"),
        ("libraries_additional", ["/tmp/**.node"], "none that may be in /tmp/"),
        ("libraries_additional", ["/dev/shm/x.node"], "none that may be in /dev/"),
        ("libraries_additional", ["/home/**.node"], "none that may be in /home/ably/.ably/"),
        ("libraries_additional", ["/home/*/x.node"], "none that may be in /home/ably/.ably/"),
        ("libraries_additional", ["/home/ably/.ably/x.node"], "none that may be in /home/ably/.ably/"),
        ("libraries_additional", ["/var/r*/x.node"], "none that may be in /var/run/"),
        ("libraries_additional", ["/opt/x.node", "/proc/self/x"], "none that may be in /proc/"),
        ("home_directory", "/home/*", "absolute path"),
        ("home_directory", "/", "absolute path"),
        ("readable_folders", ["/proc/1"], "a folder of the image"),
        ("readable_folders", ["app"], "absolute path"),
    ],
)
def test_what_cannot_be_in_a_profile_is_refused(key: str, value: Any, said: str) -> None:
    with pytest.raises(AppArmorError, match=key) as caught:
        parse_apparmor_policy({**PARAMETERS, key: value})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "version", "syntax"),
    [
        ("AppArmor parser version 3.0.8\nCopyright (C) 1999-2008 Novell Inc.\n", (3, 0), (3, 0)),
        ("AppArmor parser version 3.1.7\n", (3, 1), (3, 0)),
        ("AppArmor parser version 4.0.1really4.0.1\n", (4, 0), (4, 0)),
        ("AppArmor parser version 4.1.0\nCopyright (C) 1999-2008 Novell Inc.\n", (4, 1), (4, 0)),
        ("AppArmor parser version 5.0.0~alpha1\n", (5, 0), (4, 0)),
        ("AppArmor parser version 10.2\n", (10, 2), (4, 0)),
    ],
)
def test_each_parser_gets_the_newest_syntax_that_it_reads(
    text: str, version: tuple[int, int], syntax: tuple[int, int]
) -> None:
    assert parse_parser_version(text) == version
    assert choose_syntax(version) == syntax


def test_a_parser_that_is_too_old_or_unknown_is_refused() -> None:
    with pytest.raises(AppArmorError, match=r"expected version 3\.0 or newer, found 2\.13"):
        choose_syntax(parse_parser_version("AppArmor parser version 2.13.6\n"))
    with pytest.raises(SandboxError, match="expected its version, found 'what'"):
        parse_parser_version("what\n")


def test_the_kernel_comes_last_and_therefore_goes_first() -> None:
    """A removal that is refused must find everything else still in place."""
    wishes = apparmor_control("source", DIGEST).wishes
    resources = [wish.resource for wish in wishes]
    assert resources[-1] == Resource("apparmor_profile", "ably-sandbox")
    assert resources.index(Resource("file", "/etc/apparmor.d/ably-sandbox")) < resources.index(
        Resource("unit", "apparmor.service")
    )
    assert resources.index(Resource("file", FRAGMENT)) < len(resources) - 1


def test_the_fragment_is_a_specifications() -> None:
    (content,) = [
        wish.state.fact("content")
        for wish in apparmor_control("source", DIGEST).wishes
        if wish.state and wish.resource.name == FRAGMENT
    ]
    assert content == f'{{\n  "apparmor": {{\n    "profile": "ably-sandbox",\n    "sha256": "{DIGEST}"\n  }}\n}}\n'
    spec = assemble(_22_apparmor={"apparmor": {"profile": "ably-sandbox", "sha256": DIGEST}})
    assert spec.part(AppArmor) == AppArmor("ably-sandbox", DIGEST)


@pytest.mark.parametrize(
    "path",
    ["/opt/x/**.node", "/opt/x/build/Release/x.node", "/home/ably/app/**.node", "/tmpfiles/x.node", "/opt/*/lib.so.*"],
)
def test_what_no_session_writes_can_be_mapped(path: str) -> None:
    assert parse_apparmor_policy({**PARAMETERS, "libraries_additional": [path]}).libraries == (path,)


ALL = {
    "executables_additional": ["/opt/x/node"],
    "readable_folders": ["/app"],
    "libraries_additional": ["/app/**.node", "/opt/x+1/lib@2/*/x.so.*", "/opt/x/libx.so.1"],
}


@pytest.mark.parametrize("given", [{}, ALL], ids=["defaults", "additions"])
def test_this_machines_parser_takes_the_profile(tmp_path: Path, given: dict[str, Any]) -> None:
    parser = ("apparmor_parser", "--skip-kernel-load", "--skip-cache", "--quiet", "--stdout")
    version = subprocess.run(("apparmor_parser", "--version"), capture_output=True, text=True, check=True).stdout
    syntax = choose_syntax(parse_parser_version(version))
    path = tmp_path / "ably-sandbox"
    path.write_text(render_profile(parse_apparmor_policy({**PARAMETERS, **given}), syntax))
    compiled = [subprocess.run((*parser, str(path)), capture_output=True, check=True).stdout for _unused in range(2)]
    assert compiled[0] == compiled[1]
    assert b"ably-sandbox" in compiled[0]
