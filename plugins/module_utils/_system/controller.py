"""Reads what the controller has for the session images that hosts ask for. Changes nothing."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Collection
from pathlib import Path

from .._controls.image.controller import ControllerFacts, ImageNeed
from .image_builder import built_inputs, missing_programs


def read_controller(needs: Collection[ImageNeed]) -> ControllerFacts:
    """Cheap where nothing is missing: no archive is read as a whole."""
    builds = sorted({need.path for need in needs if need.inputs})
    missing = missing_programs() if builds else ()
    unwritable = {path: found for path in builds if (found := _unwritable(Path(path)))}
    unreadable = {path: found for path in {need.path for need in needs} - set(builds) if (found := _unreadable(path))}
    asked = builds if missing else unwritable
    return ControllerFacts(missing, unreadable, unwritable, {path: built_inputs(Path(path)) for path in asked})


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


def _unwritable(path: Path) -> str:
    """What is in the way of a new archive; empty where nothing is. Folders that are missing are made."""
    if path.is_dir():
        return "a folder of this name"
    folder = next(folder for folder in path.parents if os.path.lexists(folder))
    if not folder.is_dir():
        return f"{folder}, which is no folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"{folder}, which cannot be written to"
