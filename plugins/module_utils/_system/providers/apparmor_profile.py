"""One AppArmor profile in the kernel. Facts: `profile_mode`, `sha256` of the compiled policy; note: `_policy`, base64.

A wish names the `source` instead, and is completed with what this host's parser makes of it. That very policy is
loaded, so what the kernel then shows can be compared with it, and what was there before can be loaded again.
"""

from __future__ import annotations

import base64
import glob
import os
from collections.abc import Sequence
from dataclasses import replace

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.resources import Wish
from ..._engine.states import ABSENT, State, present
from ..._engine.steps import Change
from ..._formats.apparmor_facts import ENFORCE, LoadedProfile
from ..apparmor import KERNEL, PARSER, compile_profile, find_users, read_profile
from ..outside import explained
from ..programs import find_program
from .provider import PlainProvider

# What the parser compiled at a boot. It goes by the source's age: a file that a rollback put back is older than ours.
_CACHE = "/var/cache/apparmor/*"
# N: the kernel forgets the bytes of what it loads. Older kernels have no such switch, and never forget.
_KEEPS_POLICIES = "/sys/module/apparmor/parameters/export_binary"
_PATIENCE = 60.0
_SHOWN = 5


class ApparmorProfileProvider(PlainProvider):
    """Profiles of the kernel's root namespace of policies."""

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """As they are while the parser is not installed."""
        if find_program(PARSER) is None:
            return tuple(wishes)
        return tuple(_complete(wish) for wish in wishes)

    def observe(self, name: str) -> State:
        loaded = read_profile(name, self._outside.path("/").rstrip("/"))
        if loaded is None:
            return ABSENT
        return _state_of(loaded)

    def rehearse(self, change: Change) -> None:
        """A policy that the kernel does not show could be any, so a kernel that keeps it to itself is refused."""
        name = change.resource.name
        if change.after.is_absent:
            return
        if find_program(PARSER) is None:
            raise RefusedError(f"AppArmor profile {name}: {PARSER} is missing", "install the package apparmor")
        if not os.path.isdir(self._outside.path(f"{KERNEL}/policy")):
            raise RefusedError(
                f"AppArmor profile {name}: AppArmor is off in the kernel", "boot with apparmor=1 security=apparmor"
            )
        if self._keeps_nothing() or (not change.before.is_absent and not change.before.fact("sha256")):
            raise RefusedError(
                f"AppArmor profile {name}: the kernel does not show the policies that it has loaded",
                "boot without apparmor.export_binary=0, with CONFIG_SECURITY_APPARMOR_EXPORT_BINARY as Debian's has it",
            )

    def _keeps_nothing(self) -> bool:
        with explained("read", _KEEPS_POLICIES):
            try:
                with open(self._outside.path(_KEEPS_POLICIES), encoding="ascii") as file:
                    return file.read().strip() == "N"
            except FileNotFoundError:
                return False

    def swap_one(self, change: Change) -> None:
        """The kernel replaces a profile in one step, and for the processes that run under it as well.

        A removal frees them instead, and is refused while there is one. A session that is only beginning at that moment
        proves the labels of its processes later on, and is refused.
        """
        name = change.resource.name
        if change.after.is_absent:
            self._remove(name)
        else:
            self._load(name, change.after)
        self._forget_compiled(name)

    def _load(self, name: str, after: State) -> None:
        policy = after.fact("_policy")
        if policy is None:
            raise SandboxError(f"AppArmor profile {name}: its policy is not known", "install the package apparmor")
        command = (PARSER, "--binary", "--replace", "--quiet")
        self._outside.run(command, stdin=base64.b64decode(policy), timeout=_PATIENCE)

    def consent(self, name: str, force: bool) -> None:
        """Force or not: a session that is freed from its profile is nobody's wish."""
        del force
        if not self.observe(name).is_absent:
            self._refuse_users(name)

    def _remove(self, name: str) -> None:
        if self.observe(name).is_absent:
            return
        self._refuse_users(name)
        self._outside.run(("tee", self._outside.path(f"{KERNEL}/.remove")), stdin=name.encode())

    def _refuse_users(self, name: str) -> None:
        users = find_users(name, self._outside.path("/").rstrip("/"))
        if users:
            more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
            raise SandboxError(
                f"AppArmor profile {name}: not removed, which would free the processes that run under it: "
                f"{', '.join(users[:_SHOWN])}{more}",
                "end the sessions (systemctl stop 'ably-sandbox-session@*'), then run again",
            )

    def _forget_compiled(self, name: str) -> None:
        for path in sorted(glob.glob(self._outside.path(f"{_CACHE}/{name}"))):
            self._outside.unlink(path[len(self._outside.path("/")) - 1 :])


def _complete(wish: Wish) -> Wish:
    source = None if wish.state is None else wish.state.fact("source")
    if source is None:
        return wish
    try:
        policy = compile_profile(source)
    except SandboxError as error:
        raise RefusedError(f"{wish.resource}: {error.message}", error.hint) from error
    return replace(wish, state=_state_of(LoadedProfile(ENFORCE, policy)))


def _state_of(loaded: LoadedProfile) -> State:
    if loaded.policy is None:
        return present(profile_mode=loaded.mode, sha256="")
    return present(profile_mode=loaded.mode, sha256=loaded.sha256, _policy=base64.b64encode(loaded.policy).decode())
