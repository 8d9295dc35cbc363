"""The AppArmor profile of the sessions: which files, which programs, which kinds of sockets, and nothing else.

One text per policy and syntax, without includes: what a distribution's abstractions allow tomorrow must not be allowed
here because of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._engine.errors import SandboxError
from ..container.create import PAUSE_TARGET

PROFILE = "ably-sandbox"
PROFILE_FILE = f"/etc/apparmor.d/{PROFILE}"
# Newest first. An older parser refuses what a newer syntax knows (userns, mqueue, io_uring).
SYNTAXES = ((4, 0), (3, 0))

# No glob, no variable, no quote, no blank: a path that means itself wherever it stands in a profile.
_PATH = re.compile(r"(?:/[A-Za-z0-9._+@-]+)+")
# Where a session can write, or where the kernel shows things that change under a name.
_NO_PROGRAMS = ("/tmp", "/run", "/var/run", "/dev", "/proc", "/sys")  # noqa: S108  # judged, not used


class AppArmorError(SandboxError):
    """The policy cannot be written as a profile, or this parser is too old to write for."""


@dataclass(frozen=True)
class AppArmorPolicy:
    """`executables`: absolute paths, links resolved. `readable_folders`: of the image, beyond the usual ones."""

    executables: tuple[str, ...]
    home_directory: str
    readable_folders: tuple[str, ...] = ()


def parse_apparmor_policy(params: Mapping[str, Any]) -> AppArmorPolicy:
    """From the module's parameters. Raises AppArmorError with the first path that cannot be."""
    home = _read_path("home_directory", params["home_directory"])
    executables = tuple(dict.fromkeys(_read_path("executables", path) for path in params["executables"]))
    if not executables:
        raise AppArmorError("executables: expected at least one program, found none", "the command line needs its own")
    for path in executables:
        for place in (*_NO_PROGRAMS, f"{home}/.ably"):
            if f"{path}/".startswith(f"{place}/"):
                raise AppArmorError(
                    f"executables: expected a program of the image, found {path}",
                    f"a session writes in {place}, and what it writes must never run",
                )
    folders = tuple(dict.fromkeys(_read_path("readable_folders", path) for path in params["readable_folders"]))
    for path in folders:
        if path.split("/")[1] in {"proc", "sys", "dev"}:
            raise AppArmorError(f"readable_folders: expected a folder of the image, found {path}", "leave it out")
    return AppArmorPolicy(executables, home, folders)


def choose_syntax(parser: tuple[int, int]) -> tuple[int, int]:
    """The newest syntax that a parser of this version reads."""
    for syntax in SYNTAXES:
        if parser >= syntax:
            return syntax
    raise AppArmorError(
        f"apparmor_parser: expected version 3.0 or newer, found {parser[0]}.{parser[1]}",
        "use a newer release of Debian",
    )


def _read_path(key: str, raw: object) -> str:
    is_plain = isinstance(raw, str) and _PATH.fullmatch(raw) and not {".", ".."} & set(raw.split("/"))
    if not is_plain:
        raise AppArmorError(
            f"{key}: expected an absolute path of letters, digits and '._+@-', found {raw!r}",
            "patterns, quotes, blanks, '.', '..' and '//' are not taken",
        )
    return str(raw)


def render_profile(policy: AppArmorPolicy, syntax: tuple[int, int]) -> str:
    """The profile's source. The same policy gives the same bytes."""
    version = f"{syntax[0]}.{syntax[1]}"
    is_new = syntax >= (4, 0)
    sections = [
        _IMAGE,
        _section("Further folders of the image.", [f"{path}/{{,**}} r," for path in policy.readable_folders]),
        _PROGRAMS,
        *(f"{path} mrix,\n" for path in policy.executables),
        _WRITABLE.replace("HOME", policy.home_directory),
        _OUTSIDE if is_new else "",
        _KERNEL,
        _NETWORK,
        _SIGNALS.replace("NAME", PROFILE),
        _REFUSED,
        _REFUSED_SINCE_4 if is_new else "",
    ]
    flags = _FLAGS if is_new else _FLAGS_BEFORE_4
    body = "".join(f"  {line}\n" if line else "\n" for line in "".join(sections).splitlines())
    return f"{_HEAD}\nabi <abi/{version}>,\n\nprofile {PROFILE} flags=({flags}) {{\n{body}}}\n"


def _section(title: str, rules: Sequence[str]) -> str:
    return f"\n# {title}\n" + "".join(f"{rule}\n" for rule in rules) if rules else ""


_HEAD = """\
# Ably sandbox: every process of a session runs under this. Written by ably.sandbox, changes are overwritten.
# No file rule allows what it does not name, and what is not allowed is refused and recorded, without "audit" as well.
# "audit deny" is for what must stay refused, and recorded, whatever else is ever allowed.
"""

# What the runtime hands in from the host's own tree has no path in here. It gets one that nothing else has; an older
# kernel can only take it for the same path in here.
_FLAGS = "attach_disconnected.path=/.outside"
_FLAGS_BEFORE_4 = "attach_disconnected"

_IMAGE = f"""\
# The image is read-only: its own folders can be looked at, its secrets cannot.
/ r,
/{{bin,etc,home,lib,lib32,lib64,libx32,opt,sbin,srv,usr,var}}/{{,**}} r,
audit deny /etc/{{shadow,gshadow,shadow-,gshadow-}} rwkl,
audit deny /{{etc,usr}}/**/{{ssh_host_*_key,private/**}} rwkl,

# Machine code: libraries and addons where images keep them, never from a place that a session writes to.
/{{,usr/,usr/local/}}lib{{,32,64,x32}}/**.{{so,so.*,node}} mr,
# The first process, started from outside by the runtime's transition into this profile, which asks for no x.
{PAUSE_TARGET} mr,
audit deny {PAUSE_TARGET} x,
"""

_PROGRAMS = """
# Programs stay in this profile: no-new-privileges forbids every transition.
# A command line that begins with #!/usr/bin/env node is started from outside as well; the kernel maps env, and env
# executes node. Nothing inside can execute env.
/usr/bin/env mr,
"""

_WRITABLE = """
# What a session writes, as its own user only.
owner HOME/.ably/{,**} rwkl,
owner /tmp/{,**} rwkl,
owner /dev/shm/{,**} rwkl,

# The terminal, and devices without a state.
/dev/{null,zero,full,random,urandom,tty} rw,
/dev/pts/[0-9]* rw,
"""

_OUTSIDE = """
# The host's own null device, which is the input of a program that was started without one.
/.outside/dev/null rw,
"""

_KERNEL = """
# What Node asks the kernel for: limits, memory, processors, its own address space.
/proc/{cpuinfo,loadavg,meminfo,stat,uptime,version} r,
/proc/sys/vm/{max_map_count,overcommit_memory} r,
owner /proc/[0-9]*/{cgroup,maps,stat,statm,status} r,
owner /proc/[0-9]*/{fd,task}/ r,
/sys/devices/system/cpu/{online,possible,present} r,
/sys/fs/cgroup/{,**} r,
"""

_NETWORK = """
# Connections, name resolution, and the question for the own addresses, which the C library asks by a netlink socket of
# type raw. Raw sockets proper have other families and types, and none is here.
network inet stream,
network inet dgram,
network inet6 stream,
network inet6 dgram,
network unix stream,
network unix dgram,
network netlink raw,
"""

_SIGNALS = """
# Among the session's own processes. Debian 13's runtimes have labels of their own, which stay on what they start.
signal (send, receive) peer=NAME{,//&crun,//&runc},
# From the engine, its runtimes and the host: a container that cannot be killed is the worst failure of a session's end.
signal (receive) peer={unconfined,crun,runc},
"""

_REFUSED = """
# Whatever else is ever allowed.
audit deny /proc/{kcore,keys,key-users,kallsyms,kmsg,interrupts,timer_list,sched_debug,latency_stats} rwklmx,
audit deny /proc/{sysrq-trigger,modules,slabinfo,vmallocinfo,pagetypeinfo,iomem,ioports} rwklmx,
audit deny /proc/{acpi,asound,bus,fs,irq,scsi,tty}/{,**} rwklmx,
audit deny /proc/** wklx,
audit deny /proc/[0-9]*/{mem,auxv,environ,kstack,syscall,pagemap,clear_refs,attr/**} rwklmx,
audit deny /sys/{firmware,kernel,module,power}/{,**} rwklmx,
audit deny /sys/devices/virtual/powercap/{,**} rwklmx,
audit deny /sys/** wklmx,
audit deny /dev/{mem,kmem,port,kmsg,mqueue/**} rwklmx,
audit deny capability,
audit deny mount,
audit deny remount,
audit deny umount,
audit deny pivot_root,
audit deny ptrace,
audit deny network inet raw,
audit deny network inet6 raw,
audit deny network packet,
audit deny network alg,
audit deny network vsock,
audit deny network bluetooth,
"""

_REFUSED_SINCE_4 = """
# What the kernel does not mediate compiles to nothing: message queues and io_uring on Debian 13. seccomp refuses those.
audit deny userns,
audit deny mqueue,
audit deny io_uring,
"""
