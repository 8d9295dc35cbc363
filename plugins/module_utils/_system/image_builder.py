"""Builds a session image out of Debian and npm packages, on the machine this runs on, as any user.

Needs mmdebstrap, npm and the network of their registries, as they are set up on this machine.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import posixpath
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .._controls.image.published import find_unfit, latest_moment
from .._controls.image.spec import ARCHITECTURE, INPUTS_LABEL, ImageSpec, inputs_digest
from .._controls.image.tree import (
    FURTHER_AUTHORITIES,
    PROGRAM_FOLDERS,
    Entry,
    arrange,
    fixed_entries,
    is_wanted,
    is_wanted_module,
    rewrite_interpreter,
)
from .._engine.errors import SandboxError
from .._formats.image_archive import ArchivedImage, ArchiveError, ImageConfig, blob_path, render_members
from .commands import run_command
from .image_tar import read_image, write_archive, write_layer
from .npm import callers_environment, fetch_node, install_modules, look_up_all, text_of_moment

CLI_FOLDER = "usr/lib/ably-cli"
_AUTHORITIES = "usr/share/ca-certificates/"
_SECONDS = 1800.0
PROGRAMS = ("mmdebstrap", "npm")


class BuildError(SandboxError):
    """An image could not be built. Nothing was left at the destination."""


def digest_inputs(spec: ImageSpec) -> str:
    """The digest of the specification and of the files that it names."""
    named = [(f"certificate {number}", Path(path)) for number, path in enumerate(spec.certificates)]
    if spec.npm_project:
        named += [(f"project {name}", path) for name, path in _project_files(Path(spec.npm_project))]
    try:
        return inputs_digest(spec, {name: path.read_bytes() for name, path in named})
    except OSError as error:
        raise BuildError(f"image: {error.filename}: cannot be read: {error.strerror}") from error


def built_image(spec: ImageSpec, destination: Path) -> ArchivedImage | None:
    """The image in the archive at `destination` if it was built from these very inputs, else None."""
    try:
        image = read_image(destination)
    except FileNotFoundError:
        return None
    except ArchiveError:
        return None  # cut off or somebody else's: built anew, and replaced as a whole
    return image if image.labels.get(INPUTS_LABEL) == digest_inputs(spec) else None


def built_inputs(destination: Path) -> str:
    """The digest of what the image in the archive at `destination` was built from; empty where there is none."""
    try:
        return read_image(destination).labels.get(INPUTS_LABEL, "")
    except (OSError, ArchiveError):
        return ""


def missing_programs() -> tuple[str, ...]:
    """What a build runs, and whoever runs this does not have in PATH."""
    return tuple(name for name in PROGRAMS if shutil.which(name) is None)


def build_once(spec: ImageSpec, destination: Path, packed: bool, again: bool) -> tuple[bool, ArchivedImage]:
    """As `build_image`, one process at a time for each destination. Whether it was built here, and the image.

    What another process has just built of the same inputs is taken, unless it has to be built `again`.
    """
    with _alone(destination) as is_first:
        there = None if again else built_image(spec, destination)
        if there:
            return False, there
        if not is_first and not again:
            hint = "see the error of the host that it was for; hosts whose images differ need an archive each"
            raise BuildError(f"image: {destination}: another process has just been at it and left no such image", hint)
        return True, build_image(spec, destination, packed)


@contextmanager
def _alone(destination: Path) -> Iterator[bool]:
    """Hold the destination. Whether nobody else did when we came."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        # A file of its own, which stays: the archive itself is replaced, and a folder cannot be locked on NFS.
        lock = destination.with_name(f".{destination.name}.lock").open("w")
    except OSError as error:
        raise BuildError(f"image: {error.filename}: cannot be written: {error.strerror}", "choose another") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_first = True
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_EX)
            is_first = False
        yield is_first


def build_image(spec: ImageSpec, destination: Path, packed: bool = True) -> ArchivedImage:
    """Build the image into the archive at `destination`, gzipped when `packed`."""
    if missing := missing_programs():
        names = " and ".join(missing)
        raise BuildError(f"image: {names}: not on this machine", f"install the packages {names}")
    labels = {INPUTS_LABEL: digest_inputs(spec)}
    epoch = _find_epoch(spec)
    config = ImageConfig(ARCHITECTURE, text_of_moment(epoch), spec.command, _environment(spec), labels)
    destination.parent.mkdir(parents=True, exist_ok=True)
    # Beside the destination: /tmp is often in memory, and a tree is some hundred megabytes.
    with tempfile.TemporaryDirectory(prefix=".image-", dir=destination.parent) as scratch:
        work = Path(scratch)
        rootfs = _bootstrap(spec, epoch, work)
        node = fetch_node(spec.node, spec.integrity, work)
        project = install_modules(spec, epoch, work)
        with tarfile.open(rootfs) as tree:
            entries = arrange([*_debian_entries(spec, tree), _node_entry(node), *_module_entries(project)])
            _find_command(spec.command[0], entries)
            layer_file = work / "layer.tar"
            layer = write_layer(layer_file, entries, epoch, functools.partial(_open_source, tree))
        image, members = render_members(spec.name, config, layer)
        write_archive(destination, members, (blob_path(layer.digest), layer_file), epoch, packed)
    return image


def _find_epoch(spec: ImageSpec) -> int:
    """The image's time. Raises BuildError where the registry has not what is asked for, or only later."""
    if spec.npm_project:
        return spec.epoch
    found, lacking = look_up_all(spec.pinned)
    unfit = [f"npm package {package}: {reason}" for package, reason in lacking.items()]
    unfit += map(str, find_unfit(spec.pinned, spec.epoch, found))
    if unfit:
        raise BuildError("image: " + "; ".join(unfit))
    return spec.epoch or latest_moment(found)


def _node_entry(binary: Path) -> Entry:
    return Entry("usr/bin/node", "file", executable=True, source=f"npm:{binary}")


def _find_command(command: str, entries: list[Entry]) -> None:
    """One with a path may be in a folder of the host that sessions are shown."""
    if "/" not in command and all(entry.path != f"usr/bin/{command}" for entry in entries):
        raise BuildError(f"image: its command {command} is not in it", "no npm package has a program of this name")


def _environment(spec: ImageSpec) -> dict[str, str]:
    # Node from npm trusts authorities of its own, and these besides.
    further = {"NODE_EXTRA_CA_CERTS": f"/{FURTHER_AUTHORITIES}"} if spec.certificates else {}
    return {"PATH": "/usr/local/bin:/usr/bin", **further, **spec.environment}


def _bootstrap(spec: ImageSpec, epoch: int, work: Path) -> Path:
    rootfs = work / "rootfs.tar"
    # The extract variant unpacks the packages and those they depend on, and runs nothing of theirs: no Essential
    # packages, so no shell and no package manager, and nothing that differs from one run to the next.
    packages = ",".join(spec.packages)
    command = ("mmdebstrap", "--variant=extract", f"--architectures={ARCHITECTURE}", f"--include={packages}")
    environment = {**callers_environment(), "SOURCE_DATE_EPOCH": str(epoch)}
    mirror = (spec.mirror,) if spec.mirror else ()
    run_command((*command, spec.suite, str(rootfs), *mirror), timeout=_SECONDS, environment=environment)
    return rootfs


def _debian_entries(spec: ImageSpec, tree: tarfile.TarFile) -> list[Entry]:
    programs, entries = frozenset(spec.programs), []
    authorities = {}
    for member in tree.getmembers():
        path = posixpath.normpath(member.name)
        if path.startswith(_AUTHORITIES) and path.endswith(".crt"):
            authorities[path] = _content(tree, member)
        entry = _debian_entry(path, member)
        if entry and path != "." and is_wanted(path, entry.kind, programs):
            entries.append(entry)
    found = {posixpath.basename(entry.path) for entry in entries if posixpath.dirname(entry.path) in PROGRAM_FOLDERS}
    if missing := sorted(programs - found):
        raise BuildError(f"image: no package has the programs {', '.join(missing)}", "add their packages, or drop them")
    further = tuple(Path(path).read_bytes() for path in spec.certificates)
    return [*entries, *fixed_entries(tuple(authorities[path] for path in sorted(authorities)), further)]


def _debian_entry(path: str, member: tarfile.TarInfo) -> Entry | None:
    if member.isdir():
        return Entry(path, "folder")
    if member.issym():
        return Entry(path, "link", target=member.linkname)
    if member.isreg() or member.islnk():  # a hard link is read through to its content
        return Entry(path, "file", executable=bool(member.mode & 0o111), source=f"debian:{member.name}")
    return None


def _content(tree: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tree.extractfile(member)
    return file.read() if file else b""


def _project_files(project: Path) -> list[tuple[str, Path]]:
    """The files of an npm project without what npm put there, as (path in the project, file), in a fixed order."""
    files = (path for path in project.rglob("*") if path.is_file())
    named = ((path.relative_to(project).as_posix(), path) for path in files)
    return sorted((name, path) for name, path in named if "node_modules" not in name.split("/"))


def _module_entries(project: Path) -> list[Entry]:
    scripts = _scripts(project)
    entries = [
        Entry(f"usr/bin/{name}", "link", target=f"../../{CLI_FOLDER}/{script}") for name, script in scripts.items()
    ]
    started = set(scripts.values())
    for path in project.rglob("*"):
        name = path.relative_to(project).as_posix()
        if not is_wanted_module(name):
            continue
        place = f"{CLI_FOLDER}/{name}"
        if path.is_symlink():
            entries.append(Entry(place, "link", target=os.readlink(path)))
        elif path.is_dir():
            entries.append(Entry(place, "folder"))
        elif name in started:
            entries.append(Entry(place, "file", executable=True, content=rewrite_interpreter(path.read_bytes())))
        else:
            entries.append(Entry(place, "file", executable=os.access(path, os.X_OK), source=f"npm:{path}"))
    return entries


def _scripts(project: Path) -> dict[str, str]:
    """Commands by name and the script of each, relative to the project: the project's own, and its direct packages'."""
    own = json.loads((project / "package.json").read_text(encoding="utf-8"))
    folders = [f"node_modules/{name}" for name in sorted(own.get("dependencies") or {})]
    scripts: dict[str, str] = {}
    for folder in [*folders, ""]:
        manifest = json.loads((project / folder / "package.json").read_text(encoding="utf-8"))
        named = manifest.get("bin") or {}
        if isinstance(named, str):
            named = {manifest["name"].rpartition("/")[2]: named}
        scripts.update((name, posixpath.normpath(posixpath.join(folder, path))) for name, path in named.items())
    return scripts


def _open_source(tree: tarfile.TarFile, source: str) -> IO[bytes]:
    kind, _unused, place = source.partition(":")
    if kind == "npm":
        return open(place, "rb")
    file = tree.extractfile(place)
    if file is None:
        raise BuildError(f"image: {place}: no content in the root file system", "its hard link has no target")
    return file
