"""`ably-sandbox tidy`: removes images that no session uses any more. The last session on a former image starts it."""

from __future__ import annotations

from collections.abc import Sequence

from .._controls.names import DOCKER_SOCKET
from .._system.docker_api import DockerApi
from .._system.outside import Outside
from .._system.superseded import remove_superseded
from .arguments import parser


def main(arguments: Sequence[str]) -> int:
    """0 also where one is still in use: whoever leaves it last comes here again."""
    parser("tidy", "Remove images of ours that no session uses any more.", ()).parse_args(arguments)
    remove_superseded(DockerApi(DOCKER_SOCKET), Outside())
    return 0
