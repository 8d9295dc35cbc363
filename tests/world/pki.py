"""The lab's certificate authority and the certificates of the outside's services, made with openssl.

Runs on the controller (`python3 -m world.pki FOLDER`), because the session image has to trust the authority, or on
the host that plays the outside. What is there is kept. Valid from 2020 to 2049: clocks of restored machines are off.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .names import FORBIDDEN_NAMES

AUTHORITY = "lab-ca"
_START, _END = "20200101000000Z", "20491231235959Z"
_FALLBACKS = tuple(f"*.{letter}.fallback.ably-realtime.com" for letter in "abcde")
ABLY_NAMES = (
    "ably.io",
    "*.ably.io",
    "ably.net",
    "*.ably.net",
    "*.realtime.ably.net",
    "ably-realtime.com",
    "*.ably-realtime.com",
    *_FALLBACKS,
    "ably.com",
    "*.ably.com",
)
CERTIFICATES = {"ably": ABLY_NAMES, "forbidden": FORBIDDEN_NAMES}

_CONFIGURATION = """\
[ca]
default_ca = lab
[lab]
database = {work}/index.txt
new_certs_dir = {work}
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[service]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


def ensure(folder: Path) -> None:
    """Make what is missing in `folder`: lab-ca.pem, and a .pem and .key for each service. Keys are mode 0600."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = folder / f"{AUTHORITY}.pem"
    if not authority.exists():
        _issue(folder, AUTHORITY, (), None)
        for name in CERTIFICATES:  # signed by an authority that is gone
            (folder / f"{name}.pem").unlink(missing_ok=True)
    for name, hosts in CERTIFICATES.items():
        if not (folder / f"{name}.pem").exists():
            _issue(folder, name, hosts, authority)


def _issue(folder: Path, name: str, hosts: tuple[str, ...], authority: Path | None) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        (work / "index.txt").touch()
        names = ",".join("DNS:" + host for host in hosts) or "DNS:invalid"
        (work / "ca.cnf").write_text(_CONFIGURATION.format(work=work, names=names))
        key, request, certificate = folder / f"{name}.key", work / "request.pem", work / "certificate.pem"
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key))
        key.chmod(0o600)
        _openssl("req", "-new", "-config", f"{work}/ca.cnf", "-key", str(key), "-subj", f"/CN={name}",
                 "-out", str(request))  # fmt: skip
        signer: tuple[str, ...] = ("-selfsign", "-keyfile", str(key), "-extensions", "authority")
        if authority is not None:
            signing_key = str(authority.with_suffix(".key"))
            signer = ("-cert", str(authority), "-keyfile", signing_key, "-extensions", "service")
        _openssl("ca", "-batch", "-notext", "-config", f"{work}/ca.cnf", "-startdate", _START, "-enddate", _END,
                 "-in", str(request), "-out", str(certificate), *signer)  # fmt: skip
        finished = folder / f".{name}.pem.new"
        finished.write_bytes(certificate.read_bytes())
        os.replace(finished, folder / f"{name}.pem")


def _openssl(*arguments: str) -> None:
    done = subprocess.run(("openssl", *arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"openssl {arguments[0]} exited {done.returncode}: {done.stderr.strip()}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python3 -m world.pki FOLDER")
    ensure(Path(sys.argv[1]))
