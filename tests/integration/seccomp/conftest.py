"""The sessions' filter for this machine, once as it is written and once as the kernel takes it."""

from __future__ import annotations

import ctypes
import os
import platform

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    SeccompPolicy,
    render_profile,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.libseccomp import SystemCalls
from ansible_collections.ably.sandbox.tests.integration.seccomp.filter import compile_profile
from ansible_collections.ably.sandbox.tests.role_data import CALLS


@pytest.fixture(scope="session")
def profile() -> str:
    if os.geteuid() != 0:
        pytest.skip("what root is refused, the filter refuses")
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp2 is not installed")
    return render_profile(SeccompPolicy(CALLS, platform.machine(), SystemCalls().known(CALLS.names)))


@pytest.fixture(scope="session")
def instructions(profile: str) -> bytes:
    return compile_profile(profile)
