"""What preflight asks of apt: nothing but for what is missing, and no broken source ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.asked import Asked
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.facts import HostFacts
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.preflight_facts import HostReader

# Both as apt 2.6 says it of two sources with different keys for one address.
CONFLICT = "E: Conflicting values set for option Signed-By regarding source https://mirror.invalid/ bookworm: /a != /b"
POLICY = """haproxy:
  Installed: (none)
  Candidate: 3
  Version table:
     3 500
        500 http://mirror.invalid/debian trixie/main amd64 Packages
"""
APT_CACHE = f"""#!/bin/sh
echo "$*" >> "$0.log"
[ -e "$0.broken" ] || {{ echo '{POLICY}'; exit; }}
echo '{CONFLICT}' >&2
echo 'E: The list of sources could not be read.' >&2
exit 100
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("apt-cache", APT_CACHE), ("dpkg-query", '#!/bin/sh\ncat "$0.states"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "dpkg-query.states").write_text("docker.io\tinstalled\t1\nhaproxy\tconfig-files\t1\n")
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{folder}:/usr/bin:/bin")
    return folder


def read(tmp_path: Path, *packages: str) -> HostFacts:
    root = tmp_path / "root"
    (root / "proc/sys/user").mkdir(parents=True, exist_ok=True)
    return HostReader(Outside(str(root))).read(packages, Asked(), {})


def test_apt_is_asked_for_what_is_missing_alone(programs: Path, tmp_path: Path) -> None:
    facts = read(tmp_path, "docker.io", "haproxy")
    assert (facts.missing_packages, facts.candidates, facts.apt_refusal) == (("haproxy",), {"haproxy": "3"}, "")
    assert (programs / "apt-cache.log").read_text() == "policy haproxy\n"


def test_a_source_that_apt_cannot_read_is_a_fact(programs: Path, tmp_path: Path) -> None:
    (programs / "apt-cache.broken").touch()
    facts = read(tmp_path, "docker.io", "haproxy")
    assert (facts.missing_packages, facts.candidates) == (("haproxy",), {})
    assert facts.apt_refusal == f"{CONFLICT} | E: The list of sources could not be read."


def test_where_nothing_is_missing_apt_is_not_asked(programs: Path, tmp_path: Path) -> None:
    facts = read(tmp_path, "docker.io")
    assert (facts.missing_packages, facts.candidates, facts.apt_refusal) == ((), {}, "")
    assert not (programs / "apt-cache.log").exists()
