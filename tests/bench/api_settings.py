"""The product's settings for the servers that the API benchmark compares."""

import os

from crm.settings import *  # noqa: F403 - as tests.settings does

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405 - a mapping
if os.environ["BENCH_API"] != "ours":
    ROOT_URLCONF = "tests.bench.api_baselines"
    MIDDLEWARE = []
