"""Whether Docker Engine works with remapped ids, and on which data folder."""

from __future__ import annotations

from .docker_api import DockerApi, DockerUnreachableError
from .docker_presence import has_docker_run
from .outside import Outside

_REMAPPED = "name=userns"


def is_remapped(outside: Outside) -> bool:
    """False also where Docker never ran, and where it does not answer: nobody can see then what it has."""
    if not has_docker_run(outside):
        return False
    try:
        info = DockerApi(outside.path("/run/docker.sock")).get("/info")
    except DockerUnreachableError:
        return False
    return _REMAPPED in (info.get("SecurityOptions") or ())


def find_data_root(outside: Outside) -> str:
    """The folder that a running Docker works on."""
    return str(DockerApi(outside.path("/run/docker.sock")).get("/info")["DockerRootDir"])
