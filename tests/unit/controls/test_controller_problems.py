"""What the controller lacks for session images: needs and facts in, problems out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.controller import (
    UNKNOWN,
    ControllerFacts,
    ImageNeed,
    find_controller_problems,
)
from ansible_collections.ably.sandbox.plugins.module_utils._formats.npm import Published

BUILT = ImageNeed("web", "/a.tar.gz", "sha256:1")
OTHER = ImageNeed("db", "/a.tar.gz", "sha256:2")
THERE = ImageNeed("web", "/there.tar")
PINNED = ImageNeed("web", "/a.tar.gz", "sha256:1", {"cli@9.9.9": ""}, 9)
MANY = [ImageNeed(f"h{number}", "/a.tar.gz", "sha256:1") for number in range(5)]

CASES = [
    ([BUILT], ControllerFacts(), []),
    ([], ControllerFacts(("npm",)), []),
    ([THERE], ControllerFacts(("npm",)), []),
    (
        [BUILT],
        ControllerFacts(("mmdebstrap", "npm")),
        [
            "controller: program mmdebstrap: found none, expected it for the image of web; install the package",
            "controller: program npm: found none, expected it for the image of web; install the package npm",
        ],
    ),
    ([BUILT], ControllerFacts(("npm",), built={"/a.tar.gz": "sha256:1"}), []),
    ([BUILT], ControllerFacts(("npm",), built={"/a.tar.gz": "sha256:2"}), ["controller: program npm"]),
    (MANY, ControllerFacts(("npm",)), ["expected it for the image of h0, h1, h2 and 2 more"]),
    (
        [THERE],
        ControllerFacts(unreadable={"/there.tar": "nothing"}),
        ["controller: archive /there.tar: found nothing, expected the image archive of web; set sandbox_image_archive"],
    ),
    (
        [BUILT],
        ControllerFacts(unwritable={"/a.tar.gz": "/x, which is no folder"}),
        ["controller: archive /a.tar.gz: found /x, which is no folder, expected a place for the image of web"],
    ),
    ([BUILT], ControllerFacts(unwritable={"/a.tar.gz": "x"}, built={"/a.tar.gz": "sha256:1"}), []),
    ([BUILT, ImageNeed("db", "/a.tar.gz", "sha256:1")], ControllerFacts(), []),
    ([BUILT, ImageNeed("db", "/b.tar.gz", "sha256:2")], ControllerFacts(), []),
    ([BUILT, ImageNeed("db", "/a.tar.gz", UNKNOWN)], ControllerFacts(), []),
    ([ImageNeed("db", "/a.tar.gz", UNKNOWN)], ControllerFacts(("npm",)), ["controller: program npm"]),
    (
        [PINNED],
        ControllerFacts(unpublished={"cli@9.9.9": "No match found for version 9.9.9"}),
        [
            (
                "controller: npm package cli@9.9.9: found No match found for version 9.9.9, expected it for the "
                "image of web; "
                "name one that npm's registry has"
            )
        ],
    ),
    ([PINNED], ControllerFacts(published={"cli@9.9.9": Published("sha512-a", "2026", 5)}), []),
    (
        [PINNED, replace(PINNED, host="db")],
        ControllerFacts(published={"cli@9.9.9": Published("sha512-a", "2026", 99)}),
        ["controller: variable sandbox_image_epoch: found 9, expected at least 99"],
    ),
    ([PINNED], ControllerFacts(built={"/a.tar.gz": "sha256:1"}, unpublished={}), []),
    (
        [THERE],
        ControllerFacts(unfit={"/there.tar": "an image for arm64"}),
        [
            (
                "controller: archive /there.tar: found an image for arm64, expected one image for amd64 with one name, "
                "for web; make it of such an image"
            )
        ],
    ),
    (
        [BUILT, OTHER],
        ControllerFacts(),
        ["archive /a.tar.gz: found different images to be built for db, web, expected one; give each"],
    ),
]


@pytest.mark.parametrize(("needs", "facts", "told"), CASES)
def test_told(needs: list[ImageNeed], facts: ControllerFacts, told: list[str]) -> None:
    problems = list(find_controller_problems(needs, facts))
    assert len(problems) == len(told)
    for problem, text in zip(problems, told, strict=True):
        assert text in str(problem)
        assert problem.spares_working_hosts
