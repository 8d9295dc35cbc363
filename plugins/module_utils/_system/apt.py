"""Debian's package manager: asked without changing anything, and run with nothing started or enabled by it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from typing import Callable

from .._engine.errors import SandboxError
from .._formats.dpkg import (
    QUERY_FORMAT,
    Simulation,
    find_half_done,
    installed_of,
    is_archive_gone,
    is_locked_out,
    parse_auto_marks,
    parse_query,
    parse_simulation,
)
from .commands import CommandError, last_lines, run_command
from .outside import Outside
from .package_locks import PackageLocks

# A host may be fetching a hundred megabytes over a slow line, or be an emulated one.
_PATIENCE = 1800.0
_ASKING_PATIENCE = 120.0
# Nothing asks, and needrestart restarts no service.
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "APT_LISTCHANGES_FRONTEND": "none", "NEEDRESTART_SUSPEND": "1"}
# For what comes, not for what goes: a package that is removed has to stop its services.
_NOTHING_STARTS = {**_QUIET, "SYSTEMD_OFFLINE": "1"}
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
_NO_MORE = "--option=APT::Get::AutomaticRemove=false"
_OPTIONS = (
    "--yes",
    "--quiet=2",
    _NO_MORE,
    "--option=Dpkg::Options::=--force-confold",
    "--option=Dpkg::Use-Pty=0",
    # We wait ourselves: apt waits for two of its four locks, and names nobody.
    "--option=DPkg::Lock::Timeout=0",
)
_INSTALL = ("--no-install-recommends", "--no-remove")
# deb-systemd-helper enables a new package's units by systemd's presets; the first line that matches counts.
_PRESET = "/run/systemd/system-preset/00-ably-sandbox.preset"
_PRESET_TEXT = b"# Made while ably.sandbox installs packages: a package brings no service to life.\ndisable *\n"
_INTERRUPTED = "/var/lib/dpkg/updates"


class Apt:
    """The packages of the host. What is installed is asked once, and again after each change."""

    def __init__(self, outside: Outside, locks: PackageLocks) -> None:
        self._outside = outside
        self._locks = locks
        self._states: dict[str, str] | None = None

    def states(self) -> dict[str, str]:
        """Every package that dpkg knows, with its state."""
        if self._states is None:
            result = run_command(("dpkg-query", "--show", f"--showformat={QUERY_FORMAT}"), accept=(0, 1))
            self._states = parse_query(result.out)
        return self._states

    def wait_for_others(self, *, may_pause: bool = False) -> None:
        """Until nobody else is at work on packages: only then what dpkg knows is what there is. See PackageLocks."""
        self._locks.wait(may_pause=may_pause)
        self._states = None

    def half_done(self) -> tuple[str, ...]:
        return find_half_done(self.states())

    def installed(self) -> frozenset[str]:
        return installed_of(self.states())

    def auto_marks(self) -> frozenset[str]:
        return parse_auto_marks(run_command(("apt-mark", "showauto")).out)

    def simulate_install(self, names: Sequence[str], lists: Sequence[str] = ()) -> Simulation:
        return self._simulate("install", *_INSTALL, *lists, *names)

    def simulate_purge(self, names: Sequence[str]) -> Simulation:
        return self._simulate("purge", *names)

    def can_install(self, names: Sequence[str]) -> None:
        """Raise SandboxError unless apt finds a way. Lists that are missing are fetched to a folder apart."""
        try:
            self.simulate_install(names)
        except CommandError as error:
            if not _blames_lists(error):
                raise SandboxError(
                    f"packages {' '.join(names)}: cannot be installed: {_said(error)}", "mend apt first"
                ) from error
            self._try_fresh_lists(names)

    def _try_fresh_lists(self, names: Sequence[str]) -> None:
        folder = tempfile.mkdtemp(prefix="ably-sandbox-apt.", dir=self._outside.path("/run"))
        try:
            os.makedirs(f"{folder}/partial")
            lists = (f"--option=Dir::State::Lists={folder}", f"--option=Dir::Cache::pkgcache={folder}/pkgcache.bin",
                     f"--option=Dir::Cache::srcpkgcache={folder}/srcpkgcache.bin")  # fmt: skip
            command = ("apt-get", "update", "--quiet=2", *lists)
            run_command(command, timeout=_PATIENCE, environment=_proxies())
            self.simulate_install(names, lists)
        except CommandError as error:
            raise SandboxError(
                f"packages {' '.join(names)}: apt finds no way to install them: {_said(error)}",
                "check the host's package sources and its way to them",
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def install(self, names: Sequence[str]) -> None:
        """In one transaction of apt, which may bring other packages along but remove none."""
        self._insist(lambda: self._with_presets(lambda: self._install_with_fresh_lists(names)))

    def purge(self, names: Collection[str]) -> None:
        """With their configuration files. Their services are stopped."""
        self._insist(lambda: self._change(_QUIET, "purge", *sorted(names)))

    def remove(self, names: Collection[str]) -> None:
        """Their configuration files stay."""
        self._insist(lambda: self._change(_QUIET, "remove", *sorted(names)))

    def finish_interrupted(self) -> None:
        """What a killed dpkg left half unpacked or unconfigured is brought to an end. Does nothing where nothing is."""
        # A killed run leaves its apt behind, which goes on: what it does is not interrupted, but not done either.
        self.wait_for_others(may_pause=True)
        audit = run_command(("dpkg", "--audit"), accept=(0, 1)).out
        if audit.strip() or _has_entries(self._outside.path(_INTERRUPTED)):
            self._insist(lambda: self._with_presets(self._finish))
        self._drop_preset()

    def reload_systemd(self) -> None:
        """Packages' unit files came or went while systemctl was told to be quiet."""
        if os.path.isdir(self._outside.path("/run/systemd/system")):
            self._outside.run(("systemctl", "daemon-reload"))

    def _finish(self) -> None:
        self._run(_NOTHING_STARTS, "dpkg", "--force-confold", "--configure", "--pending", accept=(0, 1))
        self._change(_NOTHING_STARTS, "install", "--fix-broken", "--no-install-recommends")

    def _install_with_fresh_lists(self, names: Sequence[str]) -> None:
        try:
            self._change(_NOTHING_STARTS, "install", *_INSTALL, *names)
        except CommandError as error:
            if not _blames_lists(error):
                raise
            self._run(_QUIET, "apt-get", *_OPTIONS, "update")
            self._change(_NOTHING_STARTS, "install", *_INSTALL, *names)

    def _change(self, environment: Mapping[str, str], *arguments: str) -> None:
        try:
            self._run(environment, "apt-get", *_OPTIONS, *arguments)
        finally:
            self._states = None

    def _insist(self, work: Callable[[], None]) -> None:
        """Another may be at work since we have looked, and again: a refused apt has done nothing.

        The work is begun anew as a whole: while another installs, our preset must not lie there.
        """
        while True:
            try:
                work()
            except CommandError as error:
                if error.result is None or not is_locked_out(error.result.err):
                    raise
            else:
                return
            self._locks.wait_after_refusal()

    def _run(self, environment: Mapping[str, str], *command: str, accept: Sequence[int] = (0,)) -> None:
        whole = {**_proxies(), **environment}
        self._outside.run(command, accept=accept, timeout=_PATIENCE, environment=whole)

    def _simulate(self, *arguments: str) -> Simulation:
        command = ("apt-get", "--simulate", "--option=Debug::NoLocking=1", _NO_MORE, *arguments)
        return parse_simulation(run_command(command, timeout=_ASKING_PATIENCE).out)

    def _with_presets(self, install: Callable[[], None]) -> None:
        """Run it while new packages' units are left disabled. The preset lies in /run, for a run that is killed."""
        folder = os.path.dirname(_PRESET)
        if not os.path.isdir(self._outside.path(folder)):
            os.makedirs(os.path.dirname(self._outside.path(folder)), exist_ok=True)
            self._outside.make_folder(folder)
        if not os.path.lexists(self._outside.path(_PRESET)):
            descriptor = self._outside.create(_PRESET)
            try:
                self._outside.write(descriptor, _PRESET_TEXT, _PRESET)
            finally:
                os.close(descriptor)
        try:
            install()
        finally:
            self._drop_preset()

    def _drop_preset(self) -> None:
        folder = os.path.dirname(_PRESET)
        if os.path.lexists(self._outside.path(_PRESET)):
            self._outside.unlink(_PRESET)
        if os.path.isdir(self._outside.path(folder)) and not _has_entries(self._outside.path(folder)):
            self._outside.remove_folder(folder)


def _proxies() -> dict[str, str]:
    """The way to the package sources: the one thing that a play's `environment` is to say."""
    return {name: value for name, value in os.environ.items() if name.lower() in _PROXIES}


def _has_entries(folder: str) -> bool:
    """False also where there is no such folder."""
    try:
        return bool(os.listdir(folder))
    except FileNotFoundError:
        return False


def _said(error: CommandError) -> str:
    return last_lines(error.result) if error.result else error.message


def _blames_lists(error: CommandError) -> bool:
    return error.result is not None and is_archive_gone(error.result.err + error.result.out)
