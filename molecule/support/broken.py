"""Things on the host are broken, and as they were afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.host import Host


@contextmanager
def broken(host: Host, *paths: str) -> Iterator[None]:
    """What is done to these files is undone afterwards, to the byte."""
    kept = " ".join(paths)
    host.out(f"mkdir /root/kept && cp -a --parents {kept} /root/kept")
    try:
        yield
    finally:
        host.out("cp -a /root/kept/. / && rm -r /root/kept")
