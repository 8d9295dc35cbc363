"""Ids that directories may give away: what SSSD and winbind are configured to. And which sources NSS asks.

Sources: nsswitch.conf(5), sssd.conf(5), sssd-ldap(5), sssd-ad(5), smb.conf(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .subids import IdRange

SSSD_CONF, SMB_CONF = "/etc/sssd/sssd.conf", "/etc/samba/smb.conf"
# ldap_idmap_range_min and ldap_idmap_range_max; the last is not in it. FreeIPA takes its servers' ranges from there.
_MAPPED = (200_000, 2_000_200_000)
_DOMAIN = "domain/"
_MOST = 2**32 - 2
# Providers that make ids up, unless they are told not to. `ldap` has to be told to.
_MAPS = {"ad": True, "ipa": True, "ldap": False}
_ACTION = re.compile(r"\[[^\]]*\]")
_WINBIND_RANGE = re.compile(r"\s*idmap\s+config\s+(\S+?)\s*:\s*range\s*=\s*(\d+)\s*-\s*(\d+)\s*", re.IGNORECASE)


def parse_sources(text: str, database: str) -> tuple[str, ...]:
    """The sources of a database of nsswitch.conf, without actions; none where it has no line."""
    rows = (line.partition("#")[0].partition(":") for line in text.splitlines())
    found = [rest for name, colon, rest in rows if colon and name.strip() == database]
    return tuple(_ACTION.sub(" ", found[-1]).split()) if found else ()


@dataclass(frozen=True)
class _Domain:
    name: str
    options: Mapping[str, str]

    def number(self, key: str, default: int) -> int:
        text = self.options.get(key, "")
        return int(text) if text.isdigit() else default

    def flag(self, key: str, default: bool) -> bool:
        return {"true": True, "false": False}.get(self.options.get(key, "").lower(), default)


def parse_sssd_ranges(text: str) -> tuple[IdRange, ...]:
    """Those of the domains that are on. `text`: sssd.conf and the files of conf.d, in their order, one after another.

    Ids that a directory has itself are not known from it.
    """
    sections = _parse_sections(text)
    listed = {name.strip() for name in sections.get("sssd", {}).get("domains", "").split(",")} - {""}
    found = (_Domain(name[len(_DOMAIN) :], options) for name, options in sections.items() if _is_domain(name))
    return tuple(taken for domain in found if _is_on(domain, listed) for taken in _range_of(domain))


def _is_domain(section: str) -> bool:
    """Those of trusted domains, `domain/NAME/TRUSTED`, have no range of their own."""
    return section.startswith(_DOMAIN) and "/" not in section[len(_DOMAIN) :]


def _is_on(domain: _Domain, listed: set[str]) -> bool:
    return domain.flag("enabled", domain.name in listed or not listed)


def _range_of(domain: _Domain) -> Iterator[IdRange]:
    if not domain.flag("ldap_id_mapping", _MAPS.get(domain.options.get("id_provider", "").lower(), False)):
        return
    first = max(domain.number("ldap_idmap_range_min", _MAPPED[0]), domain.number("min_id", 1))
    last = min(domain.number("ldap_idmap_range_max", _MAPPED[1]) - 1, domain.number("max_id", 0) or _MOST)
    if last >= first:
        yield IdRange(SSSD_CONF, f"SSSD's domain {domain.name}", first, last - first + 1)


def _parse_sections(text: str) -> dict[str, dict[str, str]]:
    """Section to its options, those of a later file before those of an earlier one."""
    sections: dict[str, dict[str, str]] = {}
    options: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            options = sections.setdefault(line[1:-1].strip(), {})
        elif "=" in line and not line.startswith(("#", ";")):
            key, _unused, value = line.partition("=")
            options[key.strip().lower()] = value.strip()
    return sections


def parse_winbind_ranges(text: str) -> tuple[IdRange, ...]:
    """From smb.conf."""
    found = (_WINBIND_RANGE.fullmatch(line) for line in text.splitlines())
    return tuple(
        IdRange(SMB_CONF, f"winbind's domain {row[1]}", int(row[2]), int(row[3]) - int(row[2]) + 1)
        for row in found
        if row and int(row[2]) <= int(row[3])
    )
