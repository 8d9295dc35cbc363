"""What a host is asked for: the level, and the variables of the roles that will run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._engine.errors import SandboxError


@dataclass(frozen=True)
class Needs:
    """`variables`: name to value, of the type that the role's argument spec says. `daemon_keys`: of daemon.json, all
    that the controls of this level will set, with their values.
    """

    variables: Mapping[str, Any]
    daemon_keys: Mapping[str, Any] = field(default_factory=dict)

    @property
    def level(self) -> int:
        return self.integer("sandbox_level")

    @property
    def session_uids(self) -> range:
        first = self.integer("sandbox_container_uid_base")
        return range(first, first + self.integer("sandbox_container_sessions"))

    @property
    def own_uids(self) -> tuple[int, ...]:
        """Those of sessions and of the gateway."""
        return (*self.session_uids, self.integer("sandbox_egress_proxy_uid"))

    def integer(self, name: str) -> int:
        return int(self._value(name))

    def text(self, name: str) -> str:
        return str(self._value(name))

    def flag(self, name: str) -> bool:
        return bool(self._value(name))

    def names(self, name: str) -> tuple[str, ...]:
        """The items of a list, or the keys of a table."""
        return tuple(map(str, self._value(name)))

    def table(self, name: str) -> Mapping[str, Any]:
        return dict(self._value(name))

    def _value(self, name: str) -> Any:
        if name not in self.variables:
            raise SandboxError(
                f"preflight: variable {name}: is not given",
                "run it by its half on the controller",
            )
        return self.variables[name]
