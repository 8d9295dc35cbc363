"""Builds the two disk images and the package cache, once for each state of their inputs.

A finished build is the folder images/<key> with packages/, build.json, and for each image its disk, kernel and initrd.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from . import packages
from .command import as_root, run
from .console import LabError, say
from .locks import hold
from .settings import BUILD_INPUTS, HOST, IMAGES, PACKAGE, Settings

DISK_SIZE = "12G"
# Inputs of an image besides the folder image/: what builds it, and root's key.
BUILDERS = (PACKAGE / "images.py", PACKAGE / "packages.py")


@dataclass(frozen=True)
class Build:
    """A finished build: a folder that is never changed again."""

    folder: Path

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def packages(self) -> Path:
        return self.folder / "packages"

    def disk(self, image: str) -> Path:
        return self.folder / f"{image}.qcow2"

    def kernel(self, image: str) -> Path:
        return self.folder / f"{image}.vmlinuz"

    def initrd(self, image: str) -> Path:
        return self.folder / f"{image}.initrd"


def digest(paths: list[Path]) -> str:
    """Twelve hex digits over names, modes and contents of files."""
    summed = hashlib.sha256()
    for path in paths:
        mode = path.stat().st_mode & 0o777
        summed.update(f"{path.name}\0{mode:o}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return summed.hexdigest()[:12]


def tree_files(folder: Path) -> list[Path]:
    """Every file below `folder`, sorted, without what Python leaves behind."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def current(settings: Settings) -> Build:
    """The build that the present inputs call for, finished or not."""
    ensure_key(settings)
    key = digest([*tree_files(BUILD_INPUTS), *BUILDERS, settings.key.with_suffix(".pub")])
    return Build(settings.images / key)


def ensure_key(settings: Settings) -> None:
    """Make the key that root's account in the images trusts, unless it is there."""
    if settings.key.with_suffix(".pub").exists():
        return
    settings.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.key.unlink(missing_ok=True)
    run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ably-sandbox-lab", "-f", settings.key))


def ensure(settings: Settings) -> Build:
    """The present build, built now if it is not there. A second process waits for the first one's."""
    with hold(settings.images / "lock"):
        build = current(settings)
        if not build.folder.exists():
            _build(settings, build)
    return build


def _build(settings: Settings, build: Build) -> None:
    """Build in a folder beside the final one and rename it: what has its final name is whole."""
    for leftover in settings.images.glob("*.tmp"):
        run(as_root(("rm", "-rf", "--one-file-system", leftover)))
    work = settings.images / f"{build.key}.tmp"
    work.mkdir(mode=0o755)
    log = settings.images / f"{build.key}.log"
    log.write_bytes(b"")
    say(f"building images {build.key}; everything the tools say is in {log}")
    started, figures = time.monotonic(), {}
    for name, step in (
        ("bare tree", _make_bare_tree),
        ("ready tree", _make_ready_tree),
        ("disks", _make_disks),
    ):
        step_started = time.monotonic()
        say(f"{name} ...")
        step(settings, work, log)
        figures[name] = round(time.monotonic() - step_started, 1)
    figures["all"] = round(time.monotonic() - started, 1)
    (work / "build.json").write_text(json.dumps({"seconds": figures}, indent=2) + "\n")
    os.rename(work, build.folder)
    say(f"images are built: {figures}")


def _make_bare_tree(settings: Settings, work: Path, log: Path) -> None:
    """A bare host's root file system, and the package cache beside it."""
    include = ",".join(packages.words(BUILD_INPUTS / "packages-bare.txt"))
    environment = {
        "PACKAGES": " ".join(packages.words(BUILD_INPUTS / "packages-ready.txt")),
        "PACKAGE_FOLDER": str(work / "packages"),
    }
    options = ("--mode=root", "--format=directory", "--variant=minbase", f"--include={include}")
    hook = f'--customize-hook="{BUILD_INPUTS / "keep-packages"}" "$1"'
    mmdebstrap = ("mmdebstrap", *options, hook, packages.DEBIAN, str(work / "bare"), *packages.observed_sources())
    run(as_root(mmdebstrap, environment), log=log)
    run(as_root(("chown", "-R", f"{os.getuid()}:{os.getgid()}", work / "packages")))
    say(f"package cache: {packages.write_index(work / 'packages')} packages")
    public_key = settings.key.with_suffix(".pub")
    finish = (BUILD_INPUTS / "finish-tree", work / "bare", BUILD_INPUTS / "files", public_key, work / "packages")
    run(as_root(finish), log=log)


def _make_ready_tree(_settings: Settings, work: Path, log: Path) -> None:
    run(as_root(("cp", "-a", "--reflink=auto", work / "bare", work / "ready")))
    environment = {"PACKAGES": " ".join(packages.words(BUILD_INPUTS / "packages-ready.txt"))}
    install = ("unshare", "--mount", BUILD_INPUTS / "install-ready", work / "ready", work / "packages")
    run(as_root(install, environment), log=log)


def _make_disks(_settings: Settings, work: Path, log: Path) -> None:
    """File systems from the trees, and the kernels and initrds that QEMU starts directly."""
    for image in IMAGES:
        raw, tree = work / f"{image}.raw", work / image
        for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd", "initrd.img-*")):
            found = sorted((tree / "boot").glob(pattern))
            if len(found) != 1:
                raise LabError(f"{len(found)} files /boot/{pattern} in the {image} tree, expected one", f"read {log}")
            shutil.copyfile(found[0], work / f"{image}.{name}")
        # Whole at once: a lazily initialised file system keeps a kernel thread of the guest writing for minutes.
        whole = ("-E", "lazy_itable_init=0,lazy_journal_init=0", "-L", HOST)
        run(as_root(("mke2fs", "-q", "-t", "ext4", *whole, "-d", tree, raw, DISK_SIZE)), log=log)
        run(as_root(("chown", f"{os.getuid()}:{os.getgid()}", raw)))
        run(("qemu-img", "convert", "-O", "qcow2", raw, work / f"{image}.qcow2"), log=log)
        raw.unlink()
        run(as_root(("rm", "-rf", "--one-file-system", tree)))
