"""`PYTHONPATH=molecule python3 -m lab VERB`."""

from lab.cli import main

main()
