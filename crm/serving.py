"""How gunicorn serves: `gunicorn --config python:crm.serving crm.wsgi`."""

import logging.config
import os
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")


class ProductLogger(Logger):  # type: ignore[misc]  # untyped library
    """Logs gunicorn's own events in the product's form; requests log themselves."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.propagate = True
        logging.config.dictConfig(settings.LOGGING)


logger_class = ProductLogger
