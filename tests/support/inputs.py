"""What people have on hosts and on controllers, each as the command that makes it. All of it has to work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from support.others import DOCKER, IMPORT, OTHERS_IMAGE

_DROP_IN = "/etc/systemd/system/docker.service.d/others.conf"
_DEBIANS = "/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"
_RUNTIMES = f"{DOCKER} info --format '{{{{json .Runtimes}}}}'"
_RESTART = "systemctl daemon-reload; systemctl restart docker"
# As unattended-upgrades does: dpkg's lock for as long as it works.
_UPGRADE = (
    "import fcntl, time; lock = open('/var/lib/dpkg/lock-frontend', 'a'); fcntl.lockf(lock, fcntl.LOCK_EX); "
    "time.sleep(180)"
)


@dataclass(frozen=True)
class Input:
    """`make`: on the host, as root. `then`: what has to be so on the host at level 1, and after the way back too.

    `told`: what the run says of it. `options` and `environment`: the controller's, for ansible-playbook.
    """

    make: str = "true"
    then: str = "true"
    told: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def _drop_in(flags: str) -> str:
    text = f"[Service]\\nExecStart=\\nExecStart={_DEBIANS} {flags}\\n"
    return f"mkdir -p $(dirname {_DROP_IN}); printf '{text}' > {_DROP_IN}"


def _folder_of_docker(folder: str) -> str:
    return f"test $({DOCKER} info --format '{{{{.DockerRootDir}}}}') = {folder}"


INPUTS: Mapping[str, Input] = {
    # 1: how Docker starts.
    "a runtime by a flag": Input(
        _drop_in("--add-runtime=x=/usr/bin/runc"),
        # It counts from the next start on, which is ours.
        then=f"{_RUNTIMES} | grep -q '\"x\"'",
    ),
    "another data root by a flag": Input(
        f"{_drop_in('--data-root=/data/docker')}; {_RESTART}",
        then=_folder_of_docker("/data/docker"),
    ),
    "an own unit without a socket unit": Input(
        "systemctl disable --quiet --now docker.socket docker.service; systemctl mask --quiet docker.socket; "
        "printf '[Service]\\nType=notify\\nExecStart=/usr/sbin/dockerd\\n[Install]\\nWantedBy=multi-user.target\\n' "
        "> /etc/systemd/system/docker.service; systemctl daemon-reload; systemctl enable --quiet --now docker.service",
        then="systemctl is-active docker.service",
    ),
    "options in a file, and others' keys": Input(
        "echo 'DOCKER_OPTS=\"--log-level=warn --default-shm-size 128M\"' > /etc/default/docker; mkdir -p /etc/docker; "
        'printf \'{\\n\\t"registry-mirrors": ["https://mirror.example"],\\n\\t"runtimes": '
        '{"other": {"path": "/usr/bin/crun"}}\\n}\' > /etc/docker/daemon.json; systemctl restart docker',
        then=f"{_RUNTIMES} | grep -q '\"other\"'",
    ),
    # 2: the environment of commands.
    "another context of Docker's": Input(
        'mkdir -p /root/.docker; echo \'{"currentContext": "elsewhere"}\' > /root/.docker/config.json',
        then="! docker info",
    ),
    "variables of Docker's for every login": Input(
        "printf 'DOCKER_HOST=tcp://127.0.0.1:1\\nDOCKER_CONTEXT=elsewhere\\nDOCKER_TLS_VERIFY=1\\n' "
        ">> /etc/environment",
    ),
    "a proxy and a language for every login": Input(
        "printf 'http_proxy=http://127.0.0.1:1\\nHTTPS_PROXY=http://127.0.0.1:1\\nLANG=de_DE.UTF-8\\n"
        "PYTHONPATH=/nowhere\\nTMPDIR=/nowhere\\nSYSTEMD_COLORS=1\\n' >> /etc/environment",
    ),
    # 3: accounts.
    "an account with a dot in its name": Input(
        "useradd --badname --create-home john.doe",
        then="getent passwd john.doe",
        options=("--extra-vars", '{"sandbox_container_users": ["john.doe"]}'),
    ),
    # 4: the package manager.
    "upgrades at work": Input(
        "apt-get purge --yes --quiet=2 haproxy >/dev/null; "
        f'echo "{_UPGRADE}" > /run/unattended-upgrade; '
        "systemd-run --quiet --collect --unit=run-upgrades /usr/bin/python3 /run/unattended-upgrade",
        told=("(unattended-upgrade) is at work on packages", "packages: waiting for process"),
        options=("--extra-vars", "sandbox_rollback_packages=true"),
    ),
    # 5: routes.
    "networks and rules beside the range": Input(
        f"{DOCKER} network create --driver macvlan --subnet 10.212.0.0/16 --gateway 10.212.0.1 near; "
        "ip link add wg8 type dummy; ip link set wg8 up; "
        "ip route add default dev wg8 table 51; ip rule add from 203.0.113.0/24 lookup 51 priority 100",
        then=f"{DOCKER} network inspect near; ip rule | grep -q 'lookup 51'",
    ),
    "the range by another table, and another range": Input(
        "ip link add wg9 type dummy; ip link set wg9 up; ip route add 10.213.0.0/16 dev wg9 table 52; "
        "ip rule add priority 5270 lookup 52",
        then="ip rule | grep -q 'lookup 52'",
        options=(
            "--extra-vars",
            '{"sandbox_egress_subnet": "10.217.4.0/24", "sandbox_egress_gateway": "10.217.4.1"}',
        ),
    ),
    # 6: room and modules.
    "modules loaded whose folder is gone": Input(
        "modprobe -a nf_tables nft_ct nft_limit nft_log nf_log_syslog nft_connlimit nft_fib_inet nft_reject_inet "
        "nft_meta_bridge bridge veth overlay br_netfilter; "
        "mount -t tmpfs -o mode=755 none /lib/modules",
        then='test -z "$(ls /lib/modules)"',
    ),
    "Docker's data on a file system of its own": Input(
        "systemctl stop docker.socket docker containerd; mount -t tmpfs -o size=3g,mode=710 others /var/lib/docker; "
        "systemctl start containerd docker.socket docker",
        then="findmnt /var/lib/docker",
    ),
    # 7: what others have set.
    "a folder that only root reads": Input(
        "mkdir -p /etc/docker; chmod 700 /etc/docker",
        then="test $(stat -c %a /etc/docker) = 700",
    ),
    "a project of Compose's with our name": Input(
        f"{IMPORT}; docker run --detach --name ably-sandbox-web-1 --restart always --network none "
        f"--label com.docker.compose.project=ably-sandbox {OTHERS_IMAGE} /usr/bin/sleep infinity",
        then=f"test $({DOCKER} inspect --format '{{{{.State.Running}}}}' ably-sandbox-web-1) = true",
    ),
    "an apostrophe in the system's name": Input(
        "sed -i \"s/^PRETTY_NAME=.*/PRETTY_NAME='Sam'\\\"'\\\"'s Debian'/\" /etc/os-release",
    ),
    # 8: the controller.
    "facts apart, become as a variable, every host at its own pace": Input(
        options=("--extra-vars", '{"ansible_become": true}'),
        environment={"ANSIBLE_INJECT_FACT_VARS": "False", "ANSIBLE_STRATEGY": "free"},
    ),
}
# At once on one host, in `make test`.
TOGETHER = (
    "a runtime by a flag",
    "another context of Docker's",
    "an account with a dot in its name",
    "networks and rules beside the range",
    "a folder that only root reads",
)


def join(inputs: Iterable[Input]) -> Input:
    """All of them on one host."""
    given = tuple(inputs)
    return Input(
        make="; ".join(one.make for one in given),
        then=" && ".join(f"{{ {one.then}; }}" for one in given),
        told=tuple(words for one in given for words in one.told),
        options=tuple(option for one in given for option in one.options),
        environment={name: value for one in given for name, value in one.environment.items()},
    )
