"""The lab's session image: built for real, twice, and used as sessions use it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.spec import ImageSpec
from ansible_collections.ably.sandbox.plugins.module_utils._formats.image_archive import ArchivedImage, blob_path
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_builder import build_image, built_image
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_tar import read_image
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
    archive: Path
    image: ArchivedImage
    rootfs: Path


@pytest.fixture(scope="module")
def built(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Built:
    for program in ("mmdebstrap", "npm"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("image")
    archive, rootfs = folder / "lab.tar", folder / "rootfs"
    image = build_image(lab_spec(client), archive, packed=False)
    with tarfile.open(archive) as tar:
        layer = max(tar.getmembers(), key=lambda member: member.size)
        with tarfile.open(fileobj=tar.extractfile(layer)) as tree:
            tree.extractall(rootfs)
    return Built(archive, image, rootfs)


def lab_spec(client: Client) -> ImageSpec:
    return build.lab_spec(Path(client.environment["NODE_EXTRA_CA_CERTS"]))


def inside(client: Client, built: Built, tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    passwd = tmp_path / "passwd"
    passwd.write_text(f"ably:x:{SESSION_UID}:{SESSION_UID}::/home/ably:/usr/sbin/nologin\n", encoding="utf-8")
    return client.run("env", "-u", "NODE_EXTRA_CA_CERTS", "-u", "SSL_CERT_FILE", "unshare", "-m", "sh", "-c", ENTER,
                      "enter", str(built.rootfs), str(passwd), *command)  # fmt: skip


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
    assert programs == ["ably", "lab-cli", "node"]
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
