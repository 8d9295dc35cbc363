"""What the scenarios share: plays, sessions over real terminals, and the host's own word on both."""
