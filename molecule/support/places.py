"""A session's place when memory is short, which nothing in it can better."""

from __future__ import annotations

from support.host import Host
from support.session import Terminal

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
    echo $(tr '\\0' ' ' < /proc/$p/cmdline | cut -d ' ' -f 1) $(cat /proc/$p/oom_score_adj)
done"""


def assert_nobody_takes_a_better_place(host: Host) -> None:
    with Terminal(host) as session:
        tried = session.script(_LOWER)
        print(f"a lower oom_score_adj: {tried}")
        assert tried["now"] in {"900", "EACCES"}
        words = host.out(_PLACES).split()
        places = dict(zip(words[::2], words[1::2], strict=True))
        assert places.pop("/.ably-pause") == "800"
        assert set(places.values()) == {"900"}, places
