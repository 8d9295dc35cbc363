"""The bare machine with its packages alone, which is what a rollback leaves."""

from __future__ import annotations

import pytest
import yaml
from lab.settings import REPOSITORY
from support.host import Host

DEFAULTS = REPOSITORY / "roles" / "docker" / "defaults" / "main.yml"
INSTALL = """\
set -e
mkdir -p /run/systemd/system-preset
echo 'disable *' > /run/systemd/system-preset/00-none.preset
apt-get update --quiet=2
SYSTEMD_OFFLINE=1 DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends {}
rm -r /run/systemd/system-preset
systemctl daemon-reload
"""


@pytest.fixture(scope="session")
def packaged(machine: Host, before: dict[str, object]) -> dict[str, object]:
    """The fingerprint of the same host with the packages, as an administrator would install them, nothing started."""
    assert before
    names = yaml.safe_load(DEFAULTS.read_text())["sandbox_docker_packages"]
    machine.out(INSTALL.format(" ".join(names)))
    found = machine.fingerprint()
    machine.restore()
    return found
