"""`PYTHONPATH=tests python3 -m lab VERB`."""

from __future__ import annotations

from .cli import main

main()
