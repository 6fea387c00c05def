"""The product's settings with a fast hasher and in-memory mail."""

import os

from tests import servers

os.environ.update(servers.choose_place())

from crm.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# coverage of templates asks for this
TEMPLATES[0]["OPTIONS"]["debug"] = True  # type: ignore[index]  # noqa: F405  # a mapping
API_RATE = API_FAILURE_RATE = ""
INSTALLED_APPS = [*INSTALLED_APPS, "tests.gallery"]  # noqa: F405  # pages with everything
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  # threads of a live server let go
