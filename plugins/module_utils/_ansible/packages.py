"""From the parameters of `packages` to its result. A module is heard when it ends: so it does, and is called again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._controls.docker.control import packages_control
from .._controls.docker.packages import packages_for
from .._engine.changes import Outcome
from .._engine.engine import Engine
from .._system.distribution import read_distribution
from .._system.local_host import LocalHost
from .._system.outside import Outside
from .._system.package_locks import PackageLocks, StillBusyError
from .._system.providers.package import PackageProvider, PackageSetProvider
from .._system.providers.provider import Provider
from .._system.store import LedgerStore
from .control_module import guard

_A_MINUTE = 60


def install_packages(module: AnsibleModule) -> None:
    outside = Outside()
    locks = locks_of(module.params, outside)
    providers: Mapping[str, Callable[[Outside], Provider]] = {
        "package": partial(PackageProvider, locks=locks),
        "package_set": partial(PackageSetProvider, locks=locks),
    }
    engine = Engine(LocalHost(providers=providers), LedgerStore())
    control = packages_control(packages_for(module.params["names"], read_distribution(outside)))

    def run() -> list[Outcome]:
        try:
            return [engine.apply(control, check_only=module.check_mode)]
        except StillBusyError as error:
            module.exit_json(changed=False, held_by=str(error.holder))
            raise

    guard(module, run)


def locks_of(params: Mapping[str, Any], outside: Outside) -> PackageLocks:
    """With the rest of the timeout. The module waits a minute of it at most, then reports to the action plugin."""
    whole, waited = params["lock_wait"], params["waited"]
    left = whole - (waited or 0)
    return PackageLocks(outside, left, whole, _A_MINUTE if waited is not None and left > _A_MINUTE else None)
