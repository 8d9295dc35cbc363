"""The controller's half of `ably.sandbox.userns`."""

from __future__ import annotations

from ansible_collections.ably.sandbox.plugins.plugin_utils.on_trial import OnTrialAction


class ActionModule(OnTrialAction):
    """Risky, therefore on trial until it is confirmed."""
