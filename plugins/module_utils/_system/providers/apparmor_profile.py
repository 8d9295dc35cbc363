"""One AppArmor profile in the kernel.

A wish is completed with the policy that this host's parser makes of its source. That very policy is loaded, so what the
kernel then shows can be compared with it, and what was there before can be loaded again.
"""

from __future__ import annotations

import base64
import glob
import os
from collections.abc import Sequence
from dataclasses import replace

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.resources import Wish
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.apparmor_facts import ENFORCE, LoadedProfile
from ..._formats.resource_facts import ApparmorProfileFacts, facts_of
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
    """name: the profile's, in the kernel's root namespace of policies. facts: ApparmorProfileFacts."""

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """As they are while the parser is not installed."""
        if find_program(PARSER) is None:
            return tuple(wishes)
        return tuple(_complete(wish) for wish in wishes)

    def observe(self, name: str) -> State:
        loaded = read_profile(name, self._outside.path("/").rstrip("/"))
        return ABSENT if loaded is None else _facts_of(loaded).state

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
        there = facts_of(ApparmorProfileFacts, change.before)
        if self._keeps_nothing() or (there is not None and not there.sha256):
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
        name, wanted = change.resource.name, facts_of(ApparmorProfileFacts, change.after)
        if wanted is None:
            self._remove(name)
        else:
            self._load(name, wanted.policy)
        self._forget_compiled(name)

    def _load(self, name: str, policy: str | None) -> None:
        if policy is None:
            raise SandboxError(f"AppArmor profile {name}: its policy is not known", "install the package apparmor")
        command = (PARSER, "--binary", "--replace", "--quiet")
        self._outside.run(command, stdin=base64.b64decode(policy), timeout=_PATIENCE)

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        """Force or not: a session that is freed from its profile is nobody's wish."""
        del force
        for change in changes:
            if not change.before.is_absent:
                self._refuse_users(change.resource.name)

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
    wanted = None if wish.state is None else facts_of(ApparmorProfileFacts, wish.state)
    if wanted is None or wanted.source is None:
        return wish
    try:
        policy = compile_profile(wanted.source)
    except SandboxError as error:
        raise RefusedError(f"{wish.resource}: {error.message}", error.hint) from error
    return replace(wish, state=_facts_of(LoadedProfile(ENFORCE, policy)).state)


def _facts_of(loaded: LoadedProfile) -> ApparmorProfileFacts:
    policy = None if loaded.policy is None else base64.b64encode(loaded.policy).decode()
    return ApparmorProfileFacts(profile_mode=loaded.mode, sha256=loaded.sha256, policy=policy)
