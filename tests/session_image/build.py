"""Builds the lab's session image: production's builder with the stand-in command line and the lab's authority.

Run in the checkout: `PYTHONPATH=.cache/collections python3 tests/session_image/build.py CA.pem IMAGE.tar.gz`. Prints
the image's name and id as JSON. Nothing is built when the archive was made from the same inputs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.spec import ImageSpec
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_builder import build_image, built_image

NAME = "ably-sandbox/lab:1"
COMMAND = ("ably", "interactive")
# Any fixed moment: it becomes every time stamp in the image.
EPOCH = 1_760_000_000


def lab_spec(authority: Path) -> ImageSpec:
    """What the lab's image is made of; `authority` is lab-ca.pem of `world.pki`."""
    return ImageSpec(
        name=NAME,
        epoch=EPOCH,
        npm_project=str(Path(__file__).resolve().parent),
        certificates=(str(authority),),
        command=COMMAND,
    ).checked()


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit("usage: build.py CA.pem IMAGE.tar[.gz]")
    spec, archive = lab_spec(Path(sys.argv[1])), Path(sys.argv[2])
    image = built_image(spec, archive) or build_image(spec, archive, packed=archive.suffix == ".gz")
    print(json.dumps({"name": NAME, "image_id": image.image_id, "manifest": image.manifest, "archive": str(archive)}))


if __name__ == "__main__":
    main()
