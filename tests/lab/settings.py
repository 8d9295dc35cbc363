"""Where things are: the lab's folder, this package's own files, and the addresses that the virtual machine uses."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .console import LabError

PACKAGE = Path(__file__).resolve().parent
REPOSITORY = PACKAGE.parent.parent
WORLD = PACKAGE.parent / "world"
BUILD_INPUTS = PACKAGE / "image"

IMAGES = ("bare", "ready")
HOST = "lab-host"
ACCELERATORS = {"tcg": "tcg,thread=multi", "kvm": "kvm"}
PROCESSORS = ("1", "2", "4", "8")
PLACES = ("1", "2")
SHARED = "shared"  # no machine runs there


@dataclass(frozen=True)
class Settings:
    """One lab folder, shared by every checkout on this machine, and one of the places in it where a machine can run."""

    folder: Path
    accelerator: str
    processors: int
    place: str = "1"

    @staticmethod
    def from_environment() -> Settings:
        folder = os.environ.get("ABLY_SANDBOX_LAB_DIR") or "~/.cache/ably-sandbox-lab"
        return Settings(
            Path(folder).expanduser().absolute(),
            _choose("ABLY_SANDBOX_LAB_ACCEL", tuple(ACCELERATORS), "tcg"),
            int(_choose("ABLY_SANDBOX_LAB_CPUS", PROCESSORS, "2")),
            _choose("ABLY_SANDBOX_LAB_PLACE", PLACES, "1"),
        )

    @property
    def key(self) -> Path:
        return self.folder / "ssh" / "id_ed25519"

    @property
    def pki(self) -> Path:
        """The outside world's authority and certificates. The session image trusts the authority."""
        return self.folder / "pki"

    @property
    def session_image(self) -> Path:
        """The archive with the session image."""
        return self.folder / "session.tar.gz"

    @property
    def images(self) -> Path:
        return self.folder / "images"

    @property
    def machines(self) -> Path:
        """One folder for each image that has been run: disk with snapshots, logs, who runs it. One runs at a time."""
        return self.folder / "machines" / self.place

    @property
    def lock(self) -> Path:
        """Held by whoever changes something in `machines`."""
        return self.machines / "lock"

    def machine(self, image: str) -> Path:
        return self.machines / image

    def disk(self, image: str) -> Path:
        return self.machine(image) / "disk.qcow2"

    def mark(self, image: str) -> Path:
        """Which sharing the machine comes of."""
        return self.machine(image) / "shared"

    def console_log(self, image: str) -> Path:
        return self.machine(image) / "console.log"

    @cached_property
    def sockets(self) -> Path:
        """This user's folder for sockets: the kernel takes 107 bytes of path, fewer than a home folder may need."""
        digest = hashlib.sha256(str(self.machines).encode()).hexdigest()[:8]
        folder = Path(f"/tmp/ably-lab-{os.getuid()}-{digest}")
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise LabError(f"{folder} is not a private folder of this user", "somebody else made it; remove it")
        return folder

    @property
    def monitor(self) -> Path:
        """QEMU's monitor socket."""
        return self.sockets / "qmp"


def _choose(variable: str, among: tuple[str, ...], default: str) -> str:
    chosen = os.environ.get(variable) or default
    if chosen not in among:
        raise LabError(f"{variable} is {chosen!r}", f"expected one of {', '.join(among)}")
    return chosen
