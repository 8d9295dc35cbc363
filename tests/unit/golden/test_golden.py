"""What is on hosts out there: the ledger and the files of release 0.1.0; and what this release renders, to the byte.

After a change that is meant, `make golden` writes the present files anew, and their difference is read before it is
committed. Those of a release never change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.agent.control import agent_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.control import (
    egress_control,
    has_docker_network,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import parse_policy
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import (
    CONTROLS,
    LEDGER_NAMES,
    level_reached,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.control import docker_objects_control
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger, fold, records_of
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import parse_lines
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner, Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, is_same
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import (
    ApparmorProfileFacts,
    BridgeFacts,
    DockerArchiveFacts,
    DockerChainsFacts,
    DockerImageFacts,
    DockerNetworkFacts,
    DockerRemapFacts,
    DockerTraceFacts,
    FileFacts,
    JsonKeyFacts,
    NftTableFacts,
    PackageFacts,
    PackageSetFacts,
    SharedTimeFacts,
    SysctlFacts,
    TableEntryFacts,
    TypedFacts,
    UnitFacts,
    facts_of,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import PROVIDERS, LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore
from ansible_collections.ably.sandbox.tests.role_templates import render_egress_texts, render_tables
from ansible_collections.ably.sandbox.tests.unit.controls.test_egress import PARAMETERS
from ansible_collections.ably.sandbox.tests.unit.engine.memory_host import MemoryHost, MemoryStore

from .rendering import INPUTS, REPO, render_all

HERE = Path(__file__).resolve().parent
RELEASE = HERE / "0.1.0"
LEDGER = (RELEASE / "ledger").read_text(encoding="ascii")
# Made on the host: of the image, the packages' own versions, the tables as that nft lists them, the compiled profile.
OF_THE_HOST = ("/00-image.json", "/12-network.json", "/21-seccomp.json", "/22-apparmor.json", "/seccomp.json", "/bin/")
FACTS: dict[str, type[TypedFacts]] = {
    "apparmor_profile": ApparmorProfileFacts,
    "bridge": BridgeFacts,
    "docker_archive": DockerArchiveFacts,
    "docker_chains": DockerChainsFacts,
    "docker_image": DockerImageFacts,
    "docker_network": DockerNetworkFacts,
    "docker_remap": DockerRemapFacts,
    "docker_root": FileFacts,
    "docker_trace": DockerTraceFacts,
    "file": FileFacts,
    "json_key": JsonKeyFacts,
    "nft_table": NftTableFacts,
    "package": PackageFacts,
    "package_set": PackageSetFacts,
    "remapped_image": DockerImageFacts,
    "remapped_network": DockerNetworkFacts,
    "shared_file": FileFacts,
    "shared_time": SharedTimeFacts,
    "sysctl": SysctlFacts,
    "table_entry": TableEntryFacts,
    "unit": UnitFacts,
}
NETWORK = Resource("docker_network", "ably-sandbox")
REMAPPED = Resource("remapped_network", "ably-sandbox")
BRIDGE = Resource("bridge", "ably-gateway")


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_rendered_is_what_is_kept(name: str) -> None:
    kept = HERE / "rendered" / name
    texts = {str(path.relative_to(kept)): path.read_text() for path in kept.rglob("*") if path.is_file()}
    rendered = render_all(REPO, INPUTS[name])
    assert set(rendered) == set(texts)
    for path, text in rendered.items():
        assert text == texts[path], f"{path}: if that is meant, run `make golden` and read the difference"


@pytest.fixture
def ledger() -> Ledger:
    return fold(parse_lines(LEDGER, LEDGER_NAMES))


def test_the_release_s_ledger_is_read_with_today_s_names_and_written_back_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "var/lib/ably-sandbox/ledger"
    path.parent.mkdir(parents=True)
    path.write_text(LEDGER, encoding="ascii")
    store = LedgerStore(Outside(str(tmp_path)))
    records = store.read()
    named = {owner.control for record in records if (owner := getattr(record, "owner", None))}
    assert {"agent", "docker_objects"} < named <= {control.owner.control for control in CONTROLS}
    store.replace(records)
    assert path.read_text(encoding="ascii") == LEDGER
    store.append(records)
    assert path.read_text(encoding="ascii") == LEDGER + "".join(LEDGER.splitlines(keepends=True)[1:])


def test_typed_facts_lose_nothing_of_what_the_release_wrote(ledger: Ledger) -> None:
    assert set(FACTS) == set(PROVIDERS)
    for memory in ledger.memories.values():
        for state in (memory.before, *memory.written):
            facts = facts_of(FACTS[memory.resource.kind], state)
            assert (ABSENT if facts is None else facts.state) == state, memory.resource


def test_the_release_has_reached_level_2(ledger: Ledger) -> None:
    assert level_reached(ledger.applied) == 2
    assert (ledger.applying, ledger.open, ledger.trial, ledger.unproven) == ((), (), None, "")
    assert has_docker_network(ledger)
    assert {memory.resource.kind for memory in ledger.memories.values()} <= set(PROVIDERS)
    assert fold(records_of(ledger)) == ledger


def test_what_the_release_rendered_is_what_it_wrote(ledger: Ledger) -> None:
    seen = 0
    for memory in ledger.memories.values():
        name = memory.resource.name
        if memory.resource.kind != "file" or not memory.written or memory.written[-1].fact("content") is None:
            continue
        if any(part in name for part in OF_THE_HOST):
            continue
        files = (RELEASE / "lab").glob(f"**/files/{name.strip('/')}")
        assert any(is_same(path.read_text(), memory.written[-1].fact("content")) for path in files), name
        seen += 1
    assert seen > 10


def as_it_was_left(ledger: Ledger) -> MemoryHost:
    """A host on which everything is as the release wrote it."""
    host = MemoryHost({memory.resource: memory.written[-1] for memory in ledger.memories.values() if memory.written})
    for memory in ledger.memories.values():
        if not memory.written and not memory.before.is_absent:
            host.states[memory.resource] = memory.before
    host.kinds = {kind: LocalHost().traits(kind) for kind in PROVIDERS}
    return host


def start(ledger: Ledger) -> tuple[MemoryHost, MemoryStore, Engine]:
    host = as_it_was_left(ledger)
    store = MemoryStore(host.clock, LEDGER_NAMES)
    store.text = LEDGER
    return host, store, Engine(host, store)


def test_a_host_of_the_release_goes_back_to_what_it_was(ledger: Ledger) -> None:
    host, store, engine = start(ledger)
    engine.roll_back(RollbackWish(lasting=True))
    assert store.text == ""
    for memory in ledger.memories.values():
        assert host.observe(memory.resource).holds(memory.before), memory.resource


def test_a_renamed_control_goes_back_by_its_name_of_today(ledger: Ledger) -> None:
    _unused, store, engine = start(ledger)
    former = '"owner":[2,"carried"]'
    assert former in store.text
    assert not engine.roll_back(RollbackWish(control="carried"))
    outcomes = engine.roll_back(RollbackWish(control="docker_objects"))
    assert [str(outcome.owner) for outcome in outcomes] == ["docker_objects (phase 2)"]
    assert former not in store.text
    engine.apply(docker_objects_control(images_of(ledger)))
    assert former in store.text
    assert "docker_objects" not in store.text


def images_of(ledger: Ledger) -> dict[str, DockerImageFacts]:
    """What the control `docker_objects` has made."""
    return {
        memory.resource.name: facts
        for memory in ledger.memories.values()
        if memory.resource.kind == "remapped_image" and (facts := facts_of(DockerImageFacts, memory.written[-1]))
    }


def take_over(engine: Engine, host: MemoryHost) -> Any:
    policy = parse_policy({**PARAMETERS, "sessions": 3})
    digests = {"inet": "0" * 64, "bridge": "1" * 64}
    control = egress_control(policy, render_egress_texts(policy), render_tables(policy), digests)
    outcome = engine.apply(control)
    host.states.pop(REMAPPED, None)  # the same network of Docker's, by its other name
    return outcome


def test_a_host_of_the_release_is_taken_over(ledger: Ledger) -> None:
    """While ids are remapped: what level 1 made in Docker is in its former folder."""
    host, store, engine = start(ledger)
    outcome = take_over(engine, host)
    changed = {change.resource: change.after for change in outcome.plan.changes}
    assert changed[NETWORK] == ABSENT
    assert host.observe(BRIDGE).fact("addresses") == ["10.213.0.1/24"]
    assert fold(store.read()).unproven
    host.connect_anew()
    engine.confirm()
    assert Owner(1, "egress") in fold(store.read()).applied
    assert not has_docker_network(fold(store.read()))


def test_a_takeover_that_fails_leaves_a_ledger_that_the_release_reads(ledger: Ledger) -> None:
    host, store, engine = start(ledger)
    host.broken = BRIDGE
    with pytest.raises(SandboxError, match="restored as they were"):
        take_over(engine, host)
    assert "unproven" not in store.text
    assert fold(store.read()).memories.keys() == ledger.memories.keys()


def test_once_the_agent_is_replaced_the_ledger_is_of_this_release(ledger: Ledger) -> None:
    """As `site` goes. The way on is to run it again, and the way back is this release's own agent."""
    host, store, engine = start(ledger)
    engine.apply(agent_control("another agent", "0" * 16, 3571, "another unit"))
    host.broken = BRIDGE
    with pytest.raises(SandboxError, match="restored as they were"):
        take_over(engine, host)
    assert fold(store.read()).unproven
    host.broken = None
    engine.roll_back(RollbackWish(lasting=True))
    assert store.text == ""
    for memory in ledger.memories.values():
        assert host.observe(memory.resource).holds(memory.before), memory.resource


def test_what_another_control_took_along_is_forgotten(ledger: Ledger) -> None:
    """The same network of Docker's was two controls': one for each of its data roots."""
    host, store, engine = start(ledger)
    take_over(engine, host)
    host.connect_anew()
    engine.confirm()
    assert not engine.apply(docker_objects_control(images_of(ledger))).changed
    assert fold(store.read()).memory(REMAPPED) is None


def test_what_was_taken_over_leaves_nothing_in_dockers_former_folder(ledger: Ledger) -> None:
    host, store, engine = start(ledger)
    former = host.observe(NETWORK)
    take_over(engine, host)
    host.connect_anew()
    engine.confirm()
    bring_back = host.activate

    def restart(activation: Any) -> None:
        bring_back(activation)
        if activation.unit == "docker.service":
            host.states[NETWORK] = former  # Docker works on its former folder again

    host.activate = restart  # type: ignore[method-assign]
    engine.roll_back(RollbackWish(to_level=1))
    assert host.observe(NETWORK) == ABSENT
    assert fold(store.read()).memory(NETWORK) is None
    assert host.observe(BRIDGE).fact("up")


def test_a_takeover_that_nobody_confirms_has_dockers_network_back(ledger: Ledger) -> None:
    host, store, engine = start(ledger)
    before = dict(host.states)
    take_over(engine, host)
    engine.revert()
    host.states[REMAPPED] = before[REMAPPED]
    assert set(host.states) == set(before)
    assert [resource for resource, state in before.items() if not host.observe(resource).holds(state)] == []
    assert has_docker_network(fold(store.read()))
