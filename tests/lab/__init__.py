"""The lab: one virtual machine at a time, built once, restored from a snapshot in seconds. See README.md."""

from __future__ import annotations
