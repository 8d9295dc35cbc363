"""Who goes first when memory is short, on control groups of plain files: the kernel's part is the lab's to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import memory


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """A group with one below it, three processes, and a kernel that stops them at once."""
    group = tmp_path / "group"
    (group / "below").mkdir(parents=True)
    (group / "cgroup.procs").write_text("10\n11\n")
    (group / "below" / "cgroup.procs").write_text("12\n")
    (group / "cgroup.events").write_text("populated 1\nfrozen 1\n")
    (group / "cgroup.freeze").write_text("0")
    (group / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\n")
    for pid in (10, 11, 12):
        (tmp_path / "proc" / str(pid)).mkdir(parents=True)
        (tmp_path / "proc" / str(pid) / "oom_score_adj").write_text("-998\n")
    return group


def places(group: Path) -> dict[str, str]:
    proc = group.parent / "proc"
    return {path.name: (path / "oom_score_adj").read_text().strip() for path in sorted(proc.iterdir())}


def test_every_process_but_the_pause_program_gets_its_place(group: Path) -> None:
    memory.rank(group, 10, group.parent / "proc")
    assert places(group) == {"10": "-998", "11": "900", "12": "900"}
    assert (group / "cgroup.freeze").read_text() == "0"


def test_one_that_was_killed_meanwhile_is_no_reason_to_fail(group: Path) -> None:
    (group / "cgroup.procs").write_text("10\n11\n4711\n")
    memory.rank(group, 10, group.parent / "proc")
    assert places(group)["11"] == "900"


def test_a_value_that_does_not_stay_is_an_error(group: Path) -> None:
    file = group.parent / "proc" / "11" / "oom_score_adj"
    file.unlink()
    file.symlink_to("/dev/null")
    with pytest.raises(memory.RankError, match="oom_score_adj"):
        memory.rank(group, 10, group.parent / "proc")


def test_a_group_that_does_not_stop_is_let_go_and_told(group: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (group / "cgroup.events").write_text("populated 1\nfrozen 0\n")
    monkeypatch.setattr(memory, "_SECONDS", 0.05)
    with pytest.raises(memory.RankError, match="do not stop"):
        memory.rank(group, 10, group.parent / "proc")
    assert (group / "cgroup.freeze").read_text() == "0"
    assert set(places(group).values()) == {"-998"}


def test_a_group_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(memory.RankError):
        memory.rank(tmp_path / "gone", 10)


def test_kills_are_counted(group: Path, tmp_path: Path) -> None:
    assert memory.read_shortage(group) == memory.Shortage(kills=1, at_limit=2)
    assert memory.read_shortage(tmp_path / "gone") == memory.Shortage()


def test_what_others_went_through_does_not_count(group: Path) -> None:
    """The group of all sessions is above the one that Docker makes, and Docker's above the one that crun makes."""
    (group.parent / "memory.events").write_text("oom 5\noom_kill 7\n")
    assert memory.read_shortage(group).at_limit == 2
    dockers = group.parent / "docker-1.scope"
    crun = dockers / "container"
    crun.mkdir(parents=True)
    (dockers / "memory.events").write_text("oom 3\noom_kill 1\n")
    (crun / "memory.events").write_text("oom 0\noom_kill 1\n")
    assert memory.read_shortage(crun) == memory.Shortage(kills=1, at_limit=3)
    assert memory.read_shortage(dockers) == memory.Shortage(kills=1, at_limit=3)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ("oom 0\noom_kill 0\n", ""),
        ("oom 3\noom_kill 0\n", ""),
        ("oom 3\noom_kill 1\n", "this session was killed after it had used all of its memory (256 MiB)"),
        ("oom 0\noom_kill 1\n", "this session was killed after the host had run short of memory"),
    ],
)
def test_a_kill_is_explained_by_whose_memory_was_short(group: Path, events: str, said: str) -> None:
    (group / "memory.events").write_text(events)
    assert memory.explain_kill(group, 256 << 20) == said
