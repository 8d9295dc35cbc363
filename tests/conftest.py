"""Makes the checkout importable as `ansible_collections.ably.sandbox`, as Ansible does it on hosts."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

REPO = Path(__file__).resolve().parent.parent
COLLECTIONS = REPO / ".cache" / "collections"


def link_checkout(repo: Path, collections: Path) -> None:
    """Point `<collections>/ansible_collections/ably/sandbox` at `repo`; the same link that the Makefile makes."""
    link = collections / "ansible_collections" / "ably" / "sandbox"
    if link.is_symlink() and link.resolve() == repo:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to("../../../..")


link_checkout(REPO, COLLECTIONS)
sys.path.insert(0, str(COLLECTIONS))

# A busy machine must not fail a property.
settings.register_profile("sandbox", deadline=None)
settings.load_profile("sandbox")
