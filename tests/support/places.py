"""A session's place when memory is short, which nothing in it can better."""

from __future__ import annotations

from pathlib import Path

from support.broken import broken
from support.host import Host
from support.session import OPEN, Terminal

_FORK = Path(__file__).with_name("fork.js")
_FRAGMENTS = ("/etc/ably-sandbox/container.d/10-filesystem.json", "/etc/ably-sandbox/container.d/11-limits.json")
_PAUSE = ".ably-pause"
_LOWER = (
    "const fs = require('fs'); const tried = {};"
    "for (const value of ['-998', '0', '899']) {"
    "  try { fs.writeFileSync('/proc/self/oom_score_adj', value); } catch (e) { tried[value] = e.code; } }"
    "try { tried.now = fs.readFileSync('/proc/self/oom_score_adj', 'utf8').trim(); } catch (e) { tried.now = e.code; }"
    "return tried;"
)
_GROUP = "$(ls -td /sys/fs/cgroup/ably.slice/ably-sandbox.slice/docker-*.scope | head -1)"
# crun has a group of its own below the one that Docker asked for.
_PLACES = f"""\
for p in $(cat $(find {_GROUP} -name cgroup.procs)); do
    echo $(tr ' ' _ < /proc/$p/comm) $(cat /proc/$p/oom_score_adj)
done"""


def read_places(host: Host) -> list[tuple[str, str]]:
    """Program and oom_score_adj of each process in the session that was opened last."""
    words = host.out(_PLACES).split()
    return list(zip(words[::2], words[1::2], strict=True))


def assert_nobody_takes_a_better_place(host: Host) -> None:
    with Terminal(host) as session:
        tried = session.script(_LOWER)
        print(f"a lower oom_score_adj: {tried}")
        assert tried["now"] in {"900", "EACCES"}
        assert_places(read_places(host))


def assert_no_child_takes_a_better_place(host: Host) -> None:
    """Fifty children of a command, started before anybody can have looked at the command's process."""
    with broken(host, *_FRAGMENTS):
        host.out(
            f'sed -i \'s/"any_command": false/"any_command": true/; s/"pids": 50/"pids": 100/\' {" ".join(_FRAGMENTS)}'
        )
        host.out("cat > /run/lab-fork.js", stdin=_FORK.read_bytes())
        with Terminal(host, command=f'{OPEN} -- /usr/bin/node -e "$(cat /run/lab-fork.js)"'):
            places = read_places(host)
    assert len(places) == 52
    assert_places(places)


def assert_places(places: list[tuple[str, str]]) -> None:
    """The pause program's, and the one that all others have."""
    assert [place for program, place in places if program == _PAUSE] == ["899"], places
    assert {place for program, place in places if program != _PAUSE} == {"900"}, places
