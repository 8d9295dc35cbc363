"""Containers of others, which the collection has to leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.host import Host


@contextmanager
def others_container(host: Host, name: str) -> Iterator[None]:
    """One that runs with Docker's own settings meanwhile, and is gone afterwards."""
    node = "--entrypoint /usr/bin/node ably-sandbox/lab:1 -e 'setInterval(() => {}, 1000)'"
    host.out(f"docker run --detach --rm --name {name} --network none {node}")
    try:
        yield
    finally:
        host.out(f"docker kill {name}")
        host.wait_until(f"! docker inspect {name}")
