"""dockerd's command line: what it says, and how that goes together with daemon.json. Source: dockerd 20.10 to 29."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# Where a key of daemon.json and the flag of the same meaning are spelt differently. From dockerd's own conflict check.
FLAG_OF = {
    "hosts": "host",
    "dns-opts": "dns-opt",
    "exec-opts": "exec-opt",
    "log-opts": "log-opt",
    "storage-opts": "storage-opt",
    "labels": "label",
    "runtimes": "add-runtime",
    "default-ulimits": "default-ulimit",
    "default-address-pools": "default-address-pool",
    "default-network-opts": "default-network-opt",
    "registry-mirrors": "registry-mirror",
    "insecure-registries": "insecure-registry",
    "authorization-plugins": "authorization-plugin",
    "node-generic-resources": "node-generic-resource",
    "cdi-spec-dirs": "cdi-spec-dir",
    "features": "feature",
}
# Of these Docker takes what the file says and what the flags say together.
_MERGED = frozenset({"runtimes"})
_SHORT_FLAGS = {
    "-H": "host",
    "-D": "debug",
    "-G": "group",
    "-b": "bridge",
    "-g": "data-root",
    "-l": "log-level",
    "-p": "pidfile",
    "-s": "storage-driver",
}
_FORMER_NAMES = {"graph": "data-root"}


def parse_flags(arguments: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each flag under its long name, with its value: `true` where none is given."""
    found: list[tuple[str, str]] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            continue
        name, has_value, value = _take_apart(word)
        if not has_value:
            value = rest.pop(0) if rest and not rest[0].startswith("-") else "true"
        found.append((_FORMER_NAMES.get(name, name), value))
    return tuple(found)


def values_of(flags: Sequence[str], name: str) -> tuple[str, ...]:
    """What dockerd's flags give to this one, in their order."""
    return tuple(value for flag, value in parse_flags(flags) if flag == name)


def find_flag_conflicts(flags: Sequence[str], keys: Iterable[str]) -> tuple[str, ...]:
    """Keys of daemon.json that stand on dockerd's command line as well: with both Docker does not start."""
    given = {name for name, _unused in parse_flags(flags)}
    return tuple(key for key in keys if key not in _MERGED and FLAG_OF.get(key, key) in given)


def without_flag(flags: Sequence[str], name: str) -> tuple[str, ...]:
    """The command line without this one, which has a value."""
    kept: list[str] = []
    rest = list(flags)
    while rest:
        word = rest.pop(0)
        if word == f"--{name}":
            rest = rest[1:]
        elif not word.startswith(f"--{name}="):
            kept.append(word)
    return tuple(kept)


def _take_apart(word: str) -> tuple[str, bool, str]:
    if word[:2] in _SHORT_FLAGS:
        value = word[2:].lstrip("=")
        return _SHORT_FLAGS[word[:2]], bool(value), value
    name, is_given, value = word.lstrip("-").partition("=")
    return name, bool(is_given), value
