"""Runs on the host: one program in a session's container, made by the product's own code, with layers switched off.

    python3 - PARAMETERS        prints {"status": …, "out": …, "uid": …, "records": [...]} as JSON

PARAMETERS, JSON: `program` (Python source), `arguments` (of it), `without` (layers to switch off: capabilities,
seccomp, apparmor, read-only, noexec), `capability` (granted where capabilities are off, to root in the container). The
image has no Python: the host's /usr takes the place of the image's. Only this specification is weakened, the host's own
is not touched.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, "/usr/local/bin/ably-sandbox")

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.keys import AppArmor
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.create import (
    SessionIds,
    render_container_create,
    render_session_files,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.spec import SessionSpec
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import parse_spec
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.keys import Seccomp
from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.keys import Userns
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_api import DockerApi

FRAGMENTS = Path("/etc/ably-sandbox/container.d")
NAME = "ably-sandbox-weakened"
FILES = Path("/run/ably-sandbox/sessions/weakened")
PROFILE = "ably-sandbox-test"
# The last of them all: no test has so many sessions open at once.
SLOT = 2
PYTHON = "/usr/bin/python3.13"
KERNEL_LOG_SECONDS = 2.0


def read_spec() -> SessionSpec:
    return parse_spec({path.name: path.read_text() for path in FRAGMENTS.glob("*.json")})


def load_profile() -> None:
    """The product's own profile under another name, in which Python may be mapped and run."""
    text = Path("/etc/apparmor.d/ably-sandbox").read_text()
    text = text.replace("profile ably-sandbox ", f"profile {PROFILE} ").replace("peer=ably-sandbox", f"peer={PROFILE}")
    head, _unused, tail = text.rpartition("}")
    source = f"{head}  {PYTHON} mrix,\n}}{tail}"
    subprocess.run(("apparmor_parser", "--replace", "--skip-cache"), input=source, text=True, check=True)


def make_body(spec: SessionSpec, without: list[str], capability: str) -> dict[str, object]:
    filtered = spec.part(Seccomp)
    seccomp = Path(filtered.profile).read_text() if filtered else None
    body = render_container_create(spec, SessionIds("weakened", SLOT, str(FILES)), seccomp)
    config = body["HostConfig"]
    config["AutoRemove"] = False
    config["Mounts"].append({"Type": "bind", "Source": "/usr", "Target": "/usr", "ReadOnly": True})
    options = list(config["SecurityOpt"])
    if "seccomp" in without:
        options = [option for option in options if not option.startswith("seccomp=")] + ["seccomp=unconfined"]
    # Level 1 names no profile, and Docker's own lets Python run.
    if "apparmor" in without or spec.part(AppArmor):
        options = [option for option in options if not option.startswith("apparmor=")]
        options.append(f"apparmor={'unconfined' if 'apparmor' in without else PROFILE}")
    if "capabilities" in without:
        body["User"] = "0:0"
        config["CapAdd"] = [capability] if capability else []
    if "read-only" in without:
        config["ReadonlyRootfs"] = False
    if "noexec" in without:
        config["Tmpfs"]["/tmp"] = config["Tmpfs"]["/tmp"].replace("noexec", "exec")
    config["SecurityOpt"] = options
    return body


def run(parameters: dict[str, object]) -> dict[str, object]:
    spec, api = read_spec(), DockerApi()
    if spec.part(AppArmor):
        load_profile()
    FILES.mkdir(parents=True, exist_ok=True)
    for name, content in render_session_files(spec, SLOT).items():
        (FILES / name).write_text(content)
    body = make_body(spec, parameters["without"], parameters.get("capability", ""))
    since = time.time()
    subprocess.run(("docker", "rm", "--force", NAME), capture_output=True, check=False)
    api.post("/containers/create", body, {"name": NAME})
    try:
        api.post(f"/containers/{NAME}/start")
        command = (
            "docker",
            "exec",
            "--user",
            body["User"],
            NAME,
            PYTHON,
            "-IBc",
            parameters["program"],
            *parameters["arguments"],
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        # The kernel's words take their way through the journal.
        time.sleep(KERNEL_LOG_SECONDS)
        said = subprocess.run(
            ("journalctl", "--dmesg", "--output=cat", f"--since=@{since:.3f}"),
            capture_output=True,
            text=True,
            check=True,
        )
        records = [line for line in said.stdout.splitlines() if "type=1326" in line or "type=1400" in line]
    finally:
        subprocess.run(("docker", "rm", "--force", NAME), capture_output=True, check=True)
    userns = spec.part(Userns)
    uid = spec.host_uid(SLOT) if body["User"] != "0:0" else (userns.first_id if userns else 0)
    return {"status": done.returncode, "out": done.stdout + done.stderr, "uid": uid, "records": records}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
