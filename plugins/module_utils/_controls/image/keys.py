"""The control `image`'s key in the sessions' specification."""

from __future__ import annotations

from collections.abc import Mapping

from ..container.fields import read_text
from ..keys import Key

KEYS: Mapping[str, Key] = {
    "image": Key(read_text),
}
