"""Every control as it renders for a few inputs, in a form that can be kept: its files whole, everything else as JSON.

`make golden` writes them; `test_golden` compares. What only a host can say (digests of compiled policies and of listed
tables, the system calls that it knows) is given, the same everywhere.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.container import ARGUMENTS as CONTAINER_ARGUMENTS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.agent.control import agent_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.control import apparmor_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.profile import (
    SYNTAXES,
    parse_apparmor_policy,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.control import (
    SERVICE,
    SOCKET,
    container_control,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.facts import FACTS_ARGUMENTS, PREFIX
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.control import (
    docker_control,
    packages_control,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.control import egress_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import parse_policy
from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.control import image_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.control import kernel_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import NAMES, SLICE
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.calls import parse_calls
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.control import seccomp_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    SeccompPolicy,
    parse_additional,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    render_profile as render_filter,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.control import (
    archive_wish,
    subids_control,
    userns_control,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control
from ansible_collections.ably.sandbox.tests.role_templates import (
    render_container,
    render_egress_texts,
    render_module_rules,
    render_profile,
    render_tables,
)

REPO = Path(__file__).resolve().parents[3]
LOADER = DataLoader()
DIGEST = "0123456789abcdef" * 4
IMAGE = f"sha256:{DIGEST}"
# As Debian 13 has them: the one that it has closed, and one that it has not.
SYSCTLS = {"kernel.dmesg_restrict": "1", "kernel.io_uring_disabled": "0", "kernel.unprivileged_userns_clone": "1"}
# The default of release 0.1.0, which the kept files have.
_ALLOWED_NAMES = ["*.ably.io", "*.ably.net", "*.ably-realtime.com", "*.ably.com"]
# Variables beside the roles' defaults.
INPUTS: Mapping[str, Mapping[str, Any]] = {
    "defaults": {"sandbox_egress_allowed_names": _ALLOWED_NAMES},
    # As the lab has them, where the golden ledger was written.
    "lab": {
        "sandbox_container_sessions": 3,
        "sandbox_egress_allowed_names": _ALLOWED_NAMES,
        "sandbox_image_source": "archive",
    },
    "other": {
        "sandbox_apparmor_executables": ["/usr/bin/node", "/usr/bin/dash"],
        "sandbox_apparmor_readable_folders": ["/opt/tools"],
        "sandbox_container_any_command": True,
        "sandbox_container_binds": [{"source": "/opt/tools", "target": "/opt/tools"}],
        "sandbox_container_command": ["/usr/bin/node", "/opt/tools/cli.js"],
        "sandbox_container_cpus": 0.5,
        "sandbox_container_environment": {"FORCE_COLOR": "1"},
        "sandbox_container_gid": 61000,
        "sandbox_container_home_directory": "/home/person",
        "sandbox_container_home_size": "20m",
        "sandbox_container_memory": "128m",
        "sandbox_container_pids": 60,
        "sandbox_container_runtime_max": 1800,
        "sandbox_container_sessions": 5,
        "sandbox_container_total_cpus": 1.5,
        "sandbox_container_total_memory": "2g",
        "sandbox_container_uid_base": 50000,
        "sandbox_container_users": ["terminal"],
        "sandbox_docker_daemon_config": {"live-restore": True, "log-driver": "journald"},
        "sandbox_egress_allowed_names": ["rest.ably.io", "*.example.com"],
        "sandbox_egress_connections": 8,
        "sandbox_egress_gateway": "192.168.77.254",
        "sandbox_egress_proxy_uid": 61001,
        "sandbox_egress_refused_networks": ["203.0.113.0/24"],
        "sandbox_egress_resolvers": ["192.0.2.53", "192.0.2.54"],
        "sandbox_egress_subnet": "192.168.77.0/24",
        "sandbox_kernel_left_out": ["ipsec", "kernel.io_uring_disabled"],
        "sandbox_agent_confirm_seconds": 60,
        "sandbox_seccomp_additional": ["io_setup"],
        "sandbox_userns_first_id": 1900000000,
    },
}


def render_all(repo: Path, given: Mapping[str, Any]) -> dict[str, str]:
    """Path to text: each file that the controls put on a host, and `CONTROL.json` with everything else of each.

    Of a control that can be made in several ways, the second and the third are in folders `2` and `3`.
    """
    texts: dict[str, str] = {}
    ways: Counter[str] = Counter()
    for control in _make_controls(_Variables(repo, given)):
        ways[control.owner.control] += 1
        way = ways[control.owner.control]
        folder = f"{way}/" if way > 1 else ""
        resources = []
        for wish in control.wishes:
            described = json.loads(json.dumps(asdict(wish), default=vars))
            facts = (described["state"] or {}).get("facts") or {}
            for fact in ("content", "ruleset", "source"):
                if fact in facts:
                    name = wish.resource.name.strip("/") if fact == "content" else f"{wish.resource}.{fact}"
                    texts[f"{folder}files/{name.replace(' ', '_')}"] = facts.pop(fact)
            resources.append(described)
        whole = {"owner": str(control.owner), "risky": control.is_risky, "health": control.health}
        texts[f"{folder}{control.owner.control}.json"] = json.dumps({**whole, "resources": resources}, indent=1) + "\n"
    return texts


def make_controls(given: Mapping[str, Any]) -> Iterator[Control]:
    """Every control of this checkout, some of them in several ways, for these variables beside the roles' defaults."""
    return _make_controls(_Variables(REPO, given))


class _Variables:
    """The roles' variables, as a play with these given ones sees them."""

    def __init__(self, repo: Path, given: Mapping[str, Any]) -> None:
        self._roles = repo / "roles"
        found: dict[str, Any] = {"sandbox_level": 2}
        for path in sorted((*self._roles.glob("*/defaults/main.yml"), *self._roles.glob("*/vars/main.yml"))):
            found.update(LOADER.load_from_file(str(path), trusted_as_template=True) or {})
        self._templar = Templar(LOADER, variables={**found, **given, "__names": NAMES})

    def __getitem__(self, name: str) -> Any:
        return _plain(self._templar.template(trust_as_template("{{ " + name + " }}")))

    def task(self, role: str, module: str) -> dict[str, Any]:
        """The arguments that a role gives to a module, as far as it does not look them up."""
        tasks = LOADER.load_from_file(str(self._roles / role / "tasks" / "main.yml"), trusted_as_template=True)
        arguments = next(task[module] for task in tasks if module in task)
        return {name: _plain(self._templar.template(text)) for name, text in arguments.items() if "lookup(" not in text}

    def template(self, path: Path) -> str:
        text = (self._roles / path).read_text(encoding="utf-8")
        return str(self._templar.template(trust_as_template(text)))

    def templates(self, role: str) -> dict[str, str]:
        """Of a role: template's name to text."""
        return {path.stem: self.template(path) for path in sorted((self._roles / role / "templates").glob("*.j2"))}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _make_controls(variables: _Variables) -> Iterator[Control]:
    revert_unit = variables.templates("agent")["revert.service"]
    yield agent_control("the program\n", "0123456789abcdef", 3571, revert_unit)
    yield packages_control(variables["sandbox_docker_packages"])
    yield docker_control(variables["sandbox_docker_daemon_config"])
    yield image_control({"reference": "ably-sandbox/session:1", "id": IMAGE, "archive": "/tmp/image.tar"})
    yield image_control({"pull": f"registry.example.com/session@{IMAGE}"})
    policy = parse_policy(variables.task("egress", "ably.sandbox.egress"))
    digests = {"inet": DIGEST, "bridge": DIGEST}
    yield egress_control(policy, render_egress_texts(policy), render_tables(policy), digests)
    left_out = variables["sandbox_kernel_left_out"]
    yield kernel_control(left_out, SYSCTLS, {}, render_module_rules(left_out))
    container = variables.task("container", "ably.sandbox.container")
    bounds = {name: variables[PREFIX + name] for name in FACTS_ARGUMENTS}
    templates = {SLICE: "sandbox.slice.j2", SOCKET: "session.socket.j2", SERVICE: "session@.service.j2"}
    units = {unit: render_container(template, bounds) for unit, template in templates.items()}
    typed = ArgumentSpecValidator({name: CONTAINER_ARGUMENTS[name] for name in container}).validate(container)
    yield container_control(typed.validated_parameters, units)
    first = int(variables["sandbox_userns_first_id"])
    archive = archive_wish(IMAGE, ["ably-sandbox/session:1"])
    yield subids_control(int(variables["sandbox_userns_uid"]), first, "/var/lib/docker", archive)
    yield userns_control(first, others_may_run=False)
    filtered = variables.task("seccomp", "ably.sandbox.seccomp")
    calls = parse_calls(filtered)
    additional = parse_additional(filtered["additional"], calls)
    known = tuple(sorted({*calls.names, *additional}))
    yield seccomp_control(render_filter(SeccompPolicy(calls, "x86_64", known, additional, True)))
    apparmor = parse_apparmor_policy(
        {
            "executables": variables["sandbox_apparmor_executables"],
            "executables_additional": variables["sandbox_apparmor_executables_additional"],
            "libraries_additional": variables["sandbox_apparmor_libraries_additional"],
            "readable_folders": variables["sandbox_apparmor_readable_folders"],
            "home_directory": variables["sandbox_container_home_directory"],
        }
    )
    for syntax in SYNTAXES:
        yield apparmor_control(render_profile(apparmor, syntax), DIGEST)


def write_all(folder: Path) -> None:
    for name, given in INPUTS.items():
        for path, text in render_all(REPO, given).items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
