"""The product's settings for the servers that the API benchmark compares.

The baselines run on Django's own engine, without middleware and without asking whether a kept
connection lives: the least that such a view costs.
"""

import os

from crm.settings import *  # noqa: F403 - as tests.settings does

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405 - a mapping
if os.environ["BENCH_API"] != "ours":
    DATABASES["default"] |= {  # noqa: F405 - a mapping
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": False,
    }
    ROOT_URLCONF = "tests.bench.api_baselines"
    MIDDLEWARE = []
