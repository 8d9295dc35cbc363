"""The variables of the controls `subids` and `userns`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping

from ..checks import FIRST_ID, LAST_ID, Check, between

CHECKS: Mapping[str, Check] = {
    "sandbox_userns_first_id": between(LAST_ID + 1, 2**32 - 2 * (LAST_ID + 1)),
    "sandbox_userns_uid": between(FIRST_ID, LAST_ID),
}
