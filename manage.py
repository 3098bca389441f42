#!/usr/bin/env python
"""The command line. `python manage.py help` lists all commands."""

import os
import sys

from django.core.management import execute_from_command_line

OURS = ("api", "dogbreed", "trainer")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dogbreed.settings")
    try:
        execute_from_command_line(sys.argv)
    except ModuleNotFoundError as error:  # where only what a server needs is installed
        module = (error.name or "").partition(".")[0]
        if not module or module in OURS:
            raise
        sys.exit(f"This command needs {module}, which is not installed. Install what training needs: make install.")


if __name__ == "__main__":
    main()
