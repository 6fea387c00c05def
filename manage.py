#!/usr/bin/env python
"""Run Django commands, with the servers that they need; nothing else."""

import os
import sys

from django.core.management import execute_from_command_line

from crm.embedded import companions
from crm.env import SettingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    try:
        with companions.of_command(sys.argv):
            execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(str(error))
