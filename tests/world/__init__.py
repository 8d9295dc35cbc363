"""The lab's outside world: DNS, a stand-in for Ably, a forbidden service and a listener for everything else."""
