"""Run the command line as ``python -m egovrules``."""

from egovrules.cli import main

if __name__ == "__main__":
    main()
