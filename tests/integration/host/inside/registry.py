"""A registry on loopback that serves images of one file. Docker takes loopback for trusted without TLS."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from ansible_collections.ably.sandbox.tests.integration.host.inside.archives import make_config, make_layer

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_UNKNOWN = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}).encode()
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class Registry:
    """`blobs`: everything that can be asked for, by its digest. Use as a context manager."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self.blobs))
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, command: str) -> str:
        """An image, and the name with the digest by which it is pulled."""
        layer = make_layer()
        config = self._described(make_config(layer, command), _CONFIG)
        packed = self._described(gzip.compress(layer, mtime=0), _LAYER)
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": [packed]}
        return f"{self.address}/test@{self._described(json.dumps(manifest).encode(), _MANIFEST)['digest']}"

    def _described(self, content: bytes, kind: str) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.blobs[digest] = content
        return {"mediaType": kind, "size": len(content), "digest": digest}


def _handler_of(blobs: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = b"{}" if self.path == "/v2/" else blobs.get(self.path.rpartition("/")[2])
            self.send_response(404 if content is None else 200)
            content = _UNKNOWN if content is None else content
            self.send_header("Content-Type", _MANIFEST if "/manifests/" in self.path else "application/octet-stream")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", self.path.rpartition("/")[2])
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815  # the library's name

        def log_message(self, *_unused: Any) -> None:
            pass

    return Handler
