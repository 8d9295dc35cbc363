"""Reads what the controller has for the session images that hosts ask for. Changes nothing."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Collection
from pathlib import Path

from .._controls.image.controller import ControllerFacts, ImageNeed, find_to_build
from .._controls.image.spec import ARCHITECTURE
from .._engine.errors import SandboxError
from .image_builder import built_inputs, missing_programs
from .image_tar import read_image
from .npm import look_up_all


def read_controller(needs: Collection[ImageNeed]) -> ControllerFacts:
    """Npm's registry is asked only for what has to be built."""
    builds = sorted({need.path for need in needs if need.inputs})
    missing = missing_programs() if builds else ()
    unwritable = {path: found for path in builds if (found := _unwritable(Path(path)))}
    archives = {need.path for need in needs} - set(builds)
    unreadable = {path: found for path in archives if (found := _unreadable(path))}
    unfit = {path: found for path in archives - set(unreadable) if (found := _unfit(path))}
    built = {path: built_inputs(Path(path)) for path in builds}
    to_build = [] if missing else find_to_build(needs, built)
    packages = {package: integrity for need in to_build for package, integrity in need.packages.items()}
    published, unpublished = look_up_all(packages)
    return ControllerFacts(missing, unreadable, unwritable, unfit, built, published, unpublished)


def _unreadable(path: str) -> str:
    """What is there instead of an archive; empty where one begins."""
    if os.path.exists(path) and not os.path.isfile(path):
        return "no regular file"
    try:
        with tarfile.open(path, "r|*") as archive:
            archive.next()
    except FileNotFoundError:
        return "nothing"
    except OSError as error:
        return f"what cannot be read ({error.strerror or error})"
    except (tarfile.TarError, EOFError):
        return "a file that is no tar archive"
    return ""


def _unfit(path: str) -> str:
    """What is wrong with the image in an archive; empty where nothing is."""
    try:
        image = read_image(Path(path))
    except SandboxError as error:
        return str(error)
    if len(image.tags) != 1:
        return f"an image with {len(image.tags)} names"
    return "" if image.architecture == ARCHITECTURE else f"an image for {image.architecture or 'no architecture'}"


def _unwritable(path: Path) -> str:
    """What is in the way of a new archive; empty where nothing is. Folders that are missing are made."""
    if path.is_dir():
        return "a folder of this name"
    folder = next(folder for folder in path.parents if os.path.lexists(folder))
    if not folder.is_dir():
        return f"{folder}, which is no folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"{folder}, which cannot be written to"
