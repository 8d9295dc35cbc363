"""`PYTHONPATH=molecule python3 -m lab VERB`."""

from __future__ import annotations

from lab.cli import main

main()
