"""`python -m cgid …` is the command line."""

import sys

from cgid.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
