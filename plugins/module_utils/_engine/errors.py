"""The errors of the engine: what failed, on which object, observed against expected, what to do next."""

from __future__ import annotations


class SandboxError(Exception):
    """An expected failure. `message` says what failed on which object, `hint` says what to do next."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class UnreachableError(SandboxError):
    """Whoever alone can say what is there does not answer."""


class OwnershipError(SandboxError):
    """A resource that one control remembers was asked for by another."""


class LedgerError(SandboxError):
    """The ledger cannot be read or written. Nothing was changed because of it."""


class RefusedError(SandboxError):
    """A change was refused before anything was written."""


class VerificationError(SandboxError):
    """What was written is not what is there, or the service is not healthy."""


class DownError(SandboxError):
    """What ran before does not run any more. `first`: the sentence that says so, and how to start it again."""

    def __init__(self, first: str, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.first = first

    def __str__(self) -> str:
        return f"{self.first} {super().__str__()}"


class Kept(SandboxError):
    """A rollback left this resource alone, because somebody else's things are in it."""
