"""What the roles of level 1 leave in container.d, small enough to change in a test."""

from __future__ import annotations

from typing import Any

DIGEST = "0123456789abcdef" * 4

FRAGMENTS: dict[str, dict[str, Any]] = {
    "00-image.json": {"image": "ably-cli:test"},
    "10-filesystem.json": {
        "read_only_root": True,
        "no_new_privileges": True,
        "capabilities": [],
        "tmpfs": {"/tmp": {"size": "64m", "mode": "1777"}, "/run": {"size": "16m", "mode": "0755"}},
        "home": {"tmpfs": {"size": "10m", "mode": "0700"}},
        "home_directory": "/home/ably",
        "shm_size": "8m",
        "command": ["sh", "-c", "echo configured command"],
        "any_command": True,
        "client_env": ["ABLY_ACCESS_TOKEN"],
    },
    "11-limits.json": {
        "sessions": 2,
        "uid_base": 60600,
        "pids": 50,
        "memory": "256m",
        "cpus": 1,
        "ulimits": {"nofile": 1024, "core": 0, "fsize": 67108864},
    },
    "12-network.json": {
        "network": {
            "bridge": "ably-gateway",
            "mac": "02:ab:1e:00:00:00",
            "gateway": "10.213.0.1",
            "subnet": "10.213.0.0/24",
        },
        "nft_tables": [
            {"family": "inet", "name": "ably_sandbox", "sha256": DIGEST},
            {"family": "bridge", "name": "ably_sandbox", "sha256": DIGEST},
        ],
    },
}
