"""The controller's half of `ably.sandbox.status_info`."""

from __future__ import annotations

from ansible_collections.ably.sandbox.plugins.plugin_utils.first_contact import FirstContactAction


class ActionModule(FirstContactAction):
    """A playbook runs no module on a host before it."""
