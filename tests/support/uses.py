"""What people have on hosts, of the kind that closed items of the kernel would take from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.host import Host

# Item to what preflight says of its use.
NAMED = {
    "af_alg": "the dm-crypt mapping lab-secret (cryptsetup)",
    "ipsec": "module esp4 has 1 user",
    "kernel.unprivileged_userns_clone": "is in a user namespace of uid 4243",
}
_KEY = "0123456789abcdef" * 8
_DISK = "/run/lab-secret.img"
_NAMESPACE = "setpriv --reuid=4243 --regid=4243 --clear-groups --inh-caps=-all unshare --user"
_ADD = (
    "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi {} mode transport "
    "aead 'rfc4106(gcm(aes))' 0x0123456789abcdef0123456789abcdef01234567 128"
)
_BEGIN = f"""\
set -e
truncate --size=4M {_DISK}
loop=$(losetup --find --show {_DISK})
dmsetup create lab-secret --uuid CRYPT-PLAIN-lab-secret --table "0 8192 crypt aes-xts-plain64 {_KEY} 0 $loop 0"
{_ADD.format("0x100")}
systemd-run --quiet --collect --unit=lab-rootless {_NAMESPACE} sleep infinity"""
_END = f"""\
systemctl stop lab-rootless
ip xfrm state flush
dmsetup remove lab-secret
losetup --detach $(losetup --noheadings --output NAME --associated {_DISK})
rm {_DISK}"""
# Another one of each.
_WORK = f"""\
set -e
echo hidden | dd of=/dev/mapper/lab-secret conv=fsync status=none
blockdev --flushbufs /dev/mapper/lab-secret
test "$(head -c 6 /dev/mapper/lab-secret)" = hidden
! grep -q hidden {_DISK}
{_ADD.format("0x200")}
ip xfrm state delete dst 192.0.2.2 proto esp spi 0x200
{_NAMESPACE} true"""


@contextmanager
def in_use(host: Host) -> Iterator[None]:
    """An encrypted disk, an IPsec state, and a user namespace of an account that is not root."""
    host.out(_BEGIN)
    try:
        yield
    finally:
        host.out(_END)


def assert_they_work(host: Host) -> None:
    host.out(_WORK)
