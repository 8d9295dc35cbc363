"""What the lookups have in common that make the facts of a role's templates from its variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.lookup import LookupBase

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError


class FactsLookup(LookupBase):  # type: ignore[misc]  # ansible-core ships no types
    """`arguments`: an argument spec; `make`: the facts from checked parameters, or SandboxError."""

    arguments: ClassVar[Mapping[str, Any]]
    make: ClassVar[Callable[[Mapping[str, Any]], dict[str, Any]]]

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:  # noqa: ARG002  # Ansible passes it
        """One element: the table. Values are converted as a module converts them: the command line gives text."""
        if terms:
            raise AnsibleError("this lookup takes no terms, its parameters go by name")
        checked = ArgumentSpecValidator(self.arguments).validate(kwargs)
        if checked.error_messages:
            raise AnsibleError("; ".join(checked.error_messages))
        try:
            return [self.make(checked.validated_parameters)]
        except SandboxError as error:
            raise AnsibleError(str(error)) from error
