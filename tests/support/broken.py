"""Things on the host are broken, and as they were afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.host import Host


@contextmanager
def broken(host: Host, *paths: str) -> Iterator[None]:
    """What is done to these files is undone afterwards, to the byte."""
    # As open as /, on which it is laid again.
    kept = host.out("mktemp --directory /root/kept.XXXXXX")
    host.out(f"chmod 0755 {kept}")
    host.out(f"cp -a --parents {' '.join(paths)} {kept}")
    try:
        yield
    finally:
        host.out(f"cp -a {kept}/. / && rm -r {kept}")
