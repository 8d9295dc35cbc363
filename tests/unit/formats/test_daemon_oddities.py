"""Forms of daemon.json that Docker may read and that are not rewritten: each is called by its name."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.daemon_keys import find_unknown_keys
from ansible_collections.ably.sandbox.plugins.module_utils._formats.daemon_oddities import (
    find_folder_link,
    find_link,
    find_oddity,
)

PATH = "/etc/docker/daemon.json"


@pytest.mark.parametrize("content", [b"", b" \n", b"{}", b'{"live-restore": null}'])
def test_what_can_be_changed_is_not_odd(content: bytes) -> None:
    assert find_oddity(content, PATH) is None


@pytest.mark.parametrize(
    ("content", "found", "next_step", "is_read"),
    [
        (b"\xef\xbb\xbf{}", "a byte order mark", r"remove it with sed -i '1s/^\xEF\xBB\xBF//' " + PATH, None),
        ("{}".encode("utf-16"), "text in UTF-16", f"iconv -f UTF-16 -t UTF-8 {PATH}", None),
        (b"\xfe\xff\0{\0}", "text in UTF-16", "iconv", None),
        (b"null\n", "null", "write {} in its place", True),
        (b'{"a": 1, "a": 2}', "daemon.json: line 1 column 10: the key 'a' is there twice", "goes by the last", True),
        (b"{,}", "daemon.json: line 1 column 2: expected a key", "mend it", None),
        (b'{"a": "\xff"}', "daemon.json: byte 8 is not UTF-8", "mend it", None),
    ],
)
def test_what_is_odd_is_named(content: bytes, found: str, next_step: str, is_read: bool | None) -> None:
    odd = find_oddity(content, PATH)
    assert odd is not None
    assert odd.found.startswith(found)
    assert next_step in odd.next_step
    assert odd.is_read is is_read


def test_a_link_is_named_with_what_it_leads_to() -> None:
    assert find_link("/srv/d.json", True, PATH).next_step.endswith(f"cp --remove-destination /srv/d.json {PATH}")
    assert find_link("/srv/d.json", False, PATH).next_step == "remove the link"


def test_a_link_in_the_place_of_the_folder_is_named_with_its_path() -> None:
    odd = find_folder_link("/srv/docker", True, "/etc/docker")
    assert (odd.found, odd.expected) == ("/etc/docker, a symbolic link to /srv/docker", "an ordinary folder")
    assert odd.next_step == "put the folder itself in its place: rm /etc/docker && cp -a /srv/docker /etc/docker"
    assert find_folder_link("/srv/docker", False, "/etc/docker").next_step == "remove the link"


@pytest.mark.parametrize(
    ("values", "version", "found"),
    [
        ({"graph": "/x", "icc": None, "default-shm-size": 5}, (20, 10), []),
        ({"graph": "/x"}, None, ["graph, a key that Docker does not know"]),
        ({"bip6": "fd00::1/64"}, (20, 10), ["bip6, a key that Docker does not know"]),
        ({"bip6": "fd00::1/64", "hosts": []}, None, []),
        ({"ipv6": "true"}, (20, 10), ['ipv6: "true", not true or false']),
        ({"mtu": True, "dns": "x"}, None, ["mtu: true, not a whole number", 'dns: "x", not a list']),
        ({"Live-Restore": True}, None, ["Live-Restore, a key that Docker does not know"]),
        ({"log-opts": {"max-size": "10m", "max-file": 3}}, (20, 10), ["max-file in log-opts: 3, not a text"]),
        ({"cluster-store-opts": {"kv": True}}, (20, 10), ["kv in cluster-store-opts: true, not a text"]),
        ({"default-ulimits": {"nofile": 64000}}, (20, 10), ["nofile in default-ulimits: 64000, not an object"]),
        ({"runtimes": {"nvidia": "x"}}, None, ['nvidia in runtimes: "x", not an object']),
        ({"features": {"buildkit": "true"}}, None, ['buildkit in features: "true", not true or false']),
        ({"labels": ["a=b", 1]}, (20, 10), ["item 2 in labels: 1, not a text"]),
        (
            {"default-address-pools": ["10.1.0.0/16"]},
            None,
            ['item 1 in default-address-pools: "10.1.0.0/16", not an o'],
        ),
        ({"dns": [], "log-opts": {}, "default-address-pools": [{"base": "10.1.0.0/16", "size": 24}]}, None, []),
        ({"labels": [None], "log-opts": {"tag": None}, "runtimes": {"x": {"path": "/x"}}}, None, []),
        ({"builder": {"gc": {"enabled": True}}, "features": {"buildkit": True}}, (20, 10), []),
    ],
)
def test_keys_where_dockerd_cannot_be_asked(
    values: dict[str, object], version: tuple[int, int] | None, found: list[str]
) -> None:
    told = list(find_unknown_keys(values, version))
    assert [text[: len(start)] for text, start in zip(told, found, strict=True)] == found
