"""What a process is called by those who look for it, from /proc."""

from __future__ import annotations

import re

# They run a script, which is what people know.
_INTERPRETER = re.compile(r"(python|perl|ruby)[0-9.]*|(ba|da)?sh")
_SHOWN = 40


def name_process(command_line: str, comm: str) -> str:
    """`unattended-upgrade`, for one that runs as `python3 /usr/bin/unattended-upgrade`. Empty where it is gone.

    `command_line`: of /proc/PID/cmdline, which has no limit of length; `comm`: cut off by the kernel after 15 bytes.
    Neither its arguments, which may be secret, nor what a terminal would act on.
    """
    words = command_line.split("\0")
    name = words[0].rpartition("/")[2]
    if _INTERPRETER.fullmatch(name) and len(words) > 1 and words[1] and not words[1].startswith("-"):
        name = words[1].rpartition("/")[2]
    # A daemon may write a sentence over its arguments.
    chosen = name.split(" ")[0].rstrip(":") or comm.strip()
    return "".join(letter if letter.isprintable() else "?" for letter in chosen)[:_SHOWN]
