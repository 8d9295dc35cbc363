"""What `ably-sandbox status` says of a host: a line of drift names control, object, expected, found and what to do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent.status import render_status
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import CONTROLS
from ansible_collections.ably.sandbox.plugins.module_utils._engine.drift import Drift, describe_drift
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import (
    FileFacts,
    TableEntryFacts,
    UnitFacts,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.status import read_status
from ansible_collections.ably.sandbox.tests.states import present
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO
from ansible_collections.ably.sandbox.tests.unit.engine.memory_host import Clock, MemoryHost, MemoryStore

SUBIDS = Owner(2, "subids")
KEY = Resource("json_key", "/etc/docker/daemon.json#icc")
FILE, TEXT = Resource("file", "/etc/ably-sandbox/x"), "of ours\n" * 100
PLAY = "run the playbook again, --tags userns is enough"


@pytest.fixture
def host() -> MemoryHost:
    return MemoryHost()


@pytest.fixture
def store(host: MemoryHost) -> MemoryStore:
    """After a run that wrote a value."""
    store = MemoryStore(Clock())
    Engine(host, store).apply(Control(SUBIDS, (Wish(KEY, present(value="false")),)))
    return store


def told(resource: Resource, expected: State, found: State) -> str:
    return describe_drift(Drift(resource, SUBIDS, expected.abridged(), found), LocalHost())


def test_as_written_nothing_is_told(host: MemoryHost, store: MemoryStore) -> None:
    assert read_status(host, store).drift == ()


def test_a_line_names_control_object_expected_found_and_what_to_do(host: MemoryHost, store: MemoryStore) -> None:
    host.states[KEY] = present(value="true")
    status = read_status(host, store)
    line = f"{KEY} (control subids): value: expected false, found true; {PLAY}"
    assert status.drift == (line,)
    assert f"drift:      {line}" in render_status(status).splitlines()
    assert json.loads(json.dumps(asdict(status)))["drift"] == [line]


def test_what_is_gone_is_told(host: MemoryHost, store: MemoryStore) -> None:
    del host.states[KEY]
    assert read_status(host, store).drift == (f"{KEY} (control subids): expected present, found absent; {PLAY}",)


def test_what_is_there_again_is_told() -> None:
    assert told(FILE, ABSENT, FileFacts(type="file").state).endswith(": expected absent, found present")


def test_a_text_is_told_by_what_sha256sum_says_of_it() -> None:
    expected = FileFacts(type="file", content=TEXT, mode=0o644).state
    found = FileFacts(type="file", content="another\n", mode=0o664, mtime_ns=1).state
    digests = [hashlib.sha256(text.encode()).hexdigest()[:12] for text in (TEXT, "another\n")]
    assert told(FILE, expected, found) == (
        f"{FILE} (control subids): content: expected sha256:{digests[0]}, found 1 line, sha256:{digests[1]}; "
        "mode: expected 0644, found 0664"
    )


def test_only_what_was_wished_and_differs_is_told() -> None:
    there = UnitFacts("disabled", "active").state
    assert told(Resource("unit", "a.service"), UnitFacts("enabled", "active").state, there) == (
        "unit a.service (control subids): enabled: expected enabled, found disabled"
    )


def test_what_not_everybody_may_read_is_not_shown() -> None:
    shadow = Resource("table_entry", "/etc/shadow#x")
    line = told(shadow, TableEntryFacts("x:!*:20000::::::").state, TableEntryFacts("x:$y$hash:20000::::::").state)
    assert line == f"{shadow} (control subids): line: expected what was written, found another (hidden)"
    private = told(FILE, FileFacts(content=TEXT, mode=0o600).state, FileFacts(content="secret", mode=0o640).state)
    assert "secret" not in private
    assert private.endswith("mode: expected 0600, found 0640")


def test_what_to_do_is_a_tag_of_the_playbook(host: MemoryHost) -> None:
    site = (REPO / "playbooks" / "site.yml").read_text(encoding="utf-8")
    for number, control in enumerate(CONTROLS):
        resource, store = Resource("unit", str(number)), MemoryStore(Clock())
        Engine(host, store).apply(Control(control.owner, (Wish(resource, present(active="active")),)))
        host.states[resource] = present(active="inactive")
        (line,) = read_status(host, store).drift
        tag = line.rpartition("--tags ")[2].partition(" ")[0]
        assert f"tags: [phase{control.owner.phase}, {tag}]" in site
