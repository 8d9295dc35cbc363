"""What the documentation of every module that applies a control has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes, and the notes on the ledger."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Tells the whole plan and changes nothing.
    support: full
  diff_mode:
    description: Shows each resource before and after.
    support: full
  idempotent:
    description: A second run changes nothing and writes nothing.
    support: full
notes:
  - What each resource was before is kept in the host's ledger, C(/var/lib/ably-sandbox), before it is first changed.
  - If anything fails, this call's changes are undone, and the error says what failed and what was restored.
requirements:
  - python >= 3.9
author:
  - Ably Sandbox (@ably)
"""
