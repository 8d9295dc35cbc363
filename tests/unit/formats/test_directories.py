"""What directories are configured to give away, and which sources NSS asks."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.directories import (
    parse_sources,
    parse_sssd_ranges,
    parse_winbind_ranges,
)

NSSWITCH = """\
# passwd: nis
passwd:         files systemd sss   # of the directory
group:\tfiles [SUCCESS=merge] sss [NOTFOUND=return]
subid: sss
"""
AD = "[sssd]\ndomains = corp\n[domain/corp]\nid_provider = ad\n"


@pytest.mark.parametrize(
    ("database", "sources"),
    [
        ("passwd", ("files", "systemd", "sss")),
        ("group", ("files", "sss")),
        ("subid", ("sss",)),
        ("shadow", ()),
    ],
)
def test_sources_are_read(database: str, sources: tuple[str, ...]) -> None:
    assert parse_sources(NSSWITCH, database) == sources


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (AD, [(200000, 2000199999)]),
        (f"{AD}ldap_idmap_range_max = 1000000000\n", [(200000, 999999999)]),
        (f"{AD}max_id = 700000\nmin_id = 300000\n", [(300000, 700000)]),
        (f"{AD}[domain/corp]\nldap_idmap_range_min = 3000000\n", [(3000000, 2000199999)]),
        (f"{AD}ldap_id_mapping = False\n", []),
        (f"{AD}[domain/corp/trusted]\nid_provider = ad\n", [(200000, 2000199999)]),
        ("[domain/x]\nid_provider = ldap\n", []),
        ("[domain/x]\nid_provider = ldap\nldap_id_mapping = true\n", [(200000, 2000199999)]),
        ("[domain/x]\n id_provider=IPA\n", [(200000, 2000199999)]),
        ("[sssd]\ndomains = a\n[domain/x]\nid_provider = ad\n", []),
        ("[sssd]\ndomains = a\n[domain/x]\nenabled = true\nid_provider = ad\n", [(200000, 2000199999)]),
        ("[domain/x]\nid_provider = ad\nenabled = false\n", []),
        ("# [domain/x]\n;id_provider = ad\nnonsense\n", []),
    ],
)
def test_the_ranges_of_sssd(text: str, ends: list[tuple[int, int]]) -> None:
    assert [(taken.first, taken.first + taken.count - 1) for taken in parse_sssd_ranges(text)] == ends


def test_a_domain_is_named_with_its_range() -> None:
    (taken,) = parse_sssd_ranges(AD)
    assert str(taken) == "SSSD's domain corp has 200000 to 2000199999 in /etc/sssd/sssd.conf"


def test_the_ranges_of_winbind() -> None:
    text = "[global]\n  idmap config * : range = 3000-7999\nIdmap Config CORP:range=1000000 - 1999999999\n# idmap\n"
    assert [str(taken) for taken in parse_winbind_ranges(text)] == [
        "winbind's domain * has 3000 to 7999 in /etc/samba/smb.conf",
        "winbind's domain CORP has 1000000 to 1999999999 in /etc/samba/smb.conf",
    ]
    assert parse_winbind_ranges("idmap config x : range = 9 - 3\n") == ()
