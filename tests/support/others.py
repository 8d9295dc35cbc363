"""Containers of others, which the collection has to leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.host import Host

# Docker's own command, whatever a host's logins and root's configuration say of others.
DOCKER = "env -i PATH=/usr/sbin:/usr/bin DOCKER_CONFIG=/nowhere docker"
# An image of somebody's, made of what every host has.
OTHERS_IMAGE = "others:1"
_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
IMPORT = (
    f"{DOCKER} image inspect {OTHERS_IMAGE} >/dev/null 2>&1 || tar -C / -c usr/bin/sleep lib lib64 "
    f"usr/lib64/ld-linux-x86-64.so.2 .{_LIBRARIES}/ld-linux-x86-64.so.2 .{_LIBRARIES}/libc.so.6 "
    f"| {DOCKER} import - {OTHERS_IMAGE}"
)


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


@contextmanager
def others_at_work(host: Host, *, unbroken: bool = False) -> Iterator[None]:
    """A container that runs before and afterwards, as the same. `unbroken`: no start of Docker's in between."""
    host.out(IMPORT)
    sleep = "/usr/bin/sleep infinity"
    host.out(f"{DOCKER} run --detach --name others --restart always --network none {OTHERS_IMAGE} {sleep}")
    asked = f"{DOCKER} inspect others --format '{{{{.Id}}}} {{{{.State.Running}}}}'"
    since = f"{DOCKER} inspect others --format '{{{{.State.StartedAt}}}}'"
    before, began = host.out(asked), host.out(since)
    assert before.endswith("true")
    yield
    assert host.out(asked) == before
    assert not unbroken or host.out(since) == began
    host.out(f"{DOCKER} rm --force others")
