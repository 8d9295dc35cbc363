"""Each activation once, in the order in which one finds what it needs, and none that another one covers."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Activation, Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system.activations import arrange_activations
from ansible_collections.ably.sandbox.tests.states import present

FILE = Resource("file", "/etc/x")
RELOAD_ALL, COMPILE = Activation("daemon-reload"), Activation("compile", "/x.zip")
RELOAD, RESTART = Activation("reload", "x.service"), Activation("restart", "x.service")
OTHER = Activation("reload", "a.service")


def writes(*activations: Activation) -> Change:
    return Change(FILE, ABSENT, present(content="x"), activations)


def switches(before: State, after: State) -> Change:
    return Change(Resource("unit", "x.service"), before, after)


STARTS = switches(present(active="inactive"), present(active="active"))
ENABLES = switches(present(active="active", enabled="disabled"), present(active="active", enabled="enabled"))


@pytest.mark.parametrize(
    ("changes", "pending", "arranged"),
    [
        ([], [], []),
        ([writes(RESTART, OTHER), writes(COMPILE, RESTART)], [RELOAD_ALL], [RELOAD_ALL, COMPILE, OTHER, RESTART]),
        ([writes(RELOAD)], [RESTART], [RESTART]),
        ([writes(RELOAD, RELOAD_ALL), STARTS], [RESTART, OTHER], [RELOAD_ALL, OTHER]),
        ([writes(RELOAD), ENABLES], [], [RELOAD]),
    ],
)
def test_arranged(changes: list[Change], pending: list[Activation], arranged: list[Activation]) -> None:
    assert list(arrange_activations(changes, pending)) == arranged
