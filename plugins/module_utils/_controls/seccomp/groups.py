"""The system calls of a session by name: what is allowed, in groups, each with the reason; and what kills.

Names are those of x86-64 and arm64 together; a host's libseccomp knows which of them its architecture has. What stands
in neither list is refused with EPERM. That is also how io_uring is refused: Node asks for it, and does without.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CallGroup:
    """Calls that belong together, and who needs them."""

    title: str
    reason: str
    names: tuple[str, ...]


def _group(title: str, reason: str, names: str) -> CallGroup:
    return CallGroup(title, reason, tuple(names.split()))


# Allowed whatever their arguments are. Those that depend on them have rules: see `seccomp_rules`.
GROUPS: tuple[CallGroup, ...] = (
    _group(
        "open files",
        "modules, certificates and settings are read, history and settings written; crun closes what it had open, and "
        "passes on its error, after it has loaded the filter",
        "openat close close_range read write readv writev pread64 pwrite64 lseek fsync fdatasync ftruncate fcntl "
        "flock dup dup2 dup3 pipe2 sendfile copy_file_range fadvise64",
    ),
    _group(
        "names of files",
        "settings are replaced by a rename; old calls are how C libraries of x86-64 spell the new ones",
        "fstat newfstatat statx statfs access faccessat faccessat2 readlink readlinkat getdents64 "
        "getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 chmod fchmod fchmodat "
        "fchown utimensat umask",
    ),
    _group(
        "attributes of files",
        "`ls -l` of a restricted shell complains about any other answer",
        "getxattr lgetxattr llistxattr",
    ),
    _group(
        "memory",
        "V8's heap and its compiled code; the loader of shared libraries; the C library's allocator",
        "mmap munmap mprotect mremap madvise brk pkey_alloc pkey_mprotect",
    ),
    _group(
        "processes",
        "crun starts the pause program and the command line with execve, once the filter is loaded; Node's "
        "child_process and a shell start others of what the image has",
        "vfork execve wait4 waitid exit exit_group kill tgkill getpid getppid gettid getpgrp setpgid setsid",
    ),
    _group(
        "threads",
        "V8's workers, libuv's pool, worker_threads",
        "futex set_tid_address set_robust_list rseq arch_prctl sched_yield sched_getaffinity restart_syscall",
    ),
    _group(
        "signals",
        "Ctrl-C and window size; catatonit, the pause program, waits for signals through a descriptor",
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend sigaltstack signalfd4",
    ),
    _group(
        "time",
        "timers; the first two matter where the machine's clock cannot be read without a call",
        "clock_gettime gettimeofday clock_nanosleep nanosleep",
    ),
    _group(
        "sockets",
        "TLS and DNS to the gateway, pipes between Node and its children; what kind of socket is a matter of rules",
        "connect bind listen accept4 getsockname getpeername getsockopt setsockopt sendto recvfrom sendmsg recvmsg "
        "sendmmsg shutdown",
    ),
    _group(
        "polling",
        "libuv's event loop, a shell's and a terminal wrapper's",
        "poll ppoll pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2",
    ),
    _group(
        "identity and limits",
        "os.userInfo(), os.cpus(), process.memoryUsage(); Node raises its limit of open files; V8 wants random numbers",
        "getuid geteuid getgid getegid getgroups capget prlimit64 getrusage sysinfo uname getrandom",
    ),
)

# No honest program calls them, in a session least of all; whoever does is killed, which the kernel always logs. What a
# C library, Node, a runtime or a person at a shell may try in good faith is not among them.
TRIPWIRES: tuple[CallGroup, ...] = (
    _group(
        "file systems",
        "the way out of a container, or into another one's files",
        "mount umount2 fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr pivot_root "
        "chroot swapon swapoff quotactl quotactl_fd open_by_handle_at",
    ),
    _group("namespaces", "a user namespace gives the rights that most of the kernel's holes need", "setns unshare"),
    _group(
        "the kernel itself",
        "its code, its clock, its name, its accounting",
        "bpf init_module finit_module delete_module kexec_load kexec_file_load reboot acct iopl ioperm settimeofday "
        "clock_settime sethostname setdomainname vhangup lookup_dcookie nfsservctl uselib",
    ),
    _group(
        "other processes",
        "their memory, their descriptors, their registers",
        "ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp",
    ),
    _group(
        "what holes are reached by",
        "keys, performance events and page faults handled by a program: little used, and often the way to more rights",
        "keyctl add_key request_key perf_event_open userfaultfd",
    ),
)


def names_of(groups: tuple[CallGroup, ...]) -> tuple[str, ...]:
    """All names of the groups, in their order."""
    return tuple(name for group in groups for name in group.names)
