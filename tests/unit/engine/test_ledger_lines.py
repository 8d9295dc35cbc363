"""A ledger's lines: damage is found, wherever in a line it is. And the clock by which trials wait."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import LedgerError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.moments import Moment
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import (
    Applied,
    parse_lines,
    render_header,
    render_line,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner
from ansible_collections.ably.sandbox.tests.unit.engine.memory_host import MemoryHost, MemoryStore

ONE, OTHER = (render_line(Applied(Owner(1, name))) for name in ("egress", "docker"))
TEXT = render_header() + ONE + OTHER


def test_a_whole_ledger_is_read() -> None:
    assert parse_lines(TEXT) == (Applied(Owner(1, "egress")), Applied(Owner(1, "docker")))


def test_a_renamed_control_keeps_its_name_in_the_ledger() -> None:
    record, names = Applied(Owner(1, "network")), {"network": "egress"}
    assert render_line(record, names) == ONE
    assert parse_lines(TEXT, names) == (record, Applied(Owner(1, "docker")))


@pytest.mark.parametrize(
    ("former", "damaged"),
    [("egress", "egrets"), ('["', '{"'), ('",{', '";{'), ("}]\n", "}}\n"), (ONE[2:10], "00000000")],
)
def test_a_line_that_is_not_as_it_was_written_is_damage(former: str, damaged: str) -> None:
    line = ONE.replace(former, damaged, 1)
    assert line != ONE
    with pytest.raises(LedgerError, match="line 2 of 3 is damaged"):
        parse_lines(render_header() + line + OTHER)


def test_seconds_go_by_hundredths() -> None:
    assert Moment("boot", 150).seconds_until(Moment("boot", 2350)) == pytest.approx(22.0)


def test_a_rollback_that_only_looks_leaves_an_empty_ledger_where_it_is() -> None:
    host = MemoryHost({})
    store = MemoryStore(host.clock)
    store.text = render_header()
    Engine(host, store).roll_back(RollbackWish(), check_only=True)
    assert store.text == render_header()
    Engine(host, store).roll_back(RollbackWish())
    assert store.text == ""
