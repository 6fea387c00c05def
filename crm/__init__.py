"""The project package: ground floor and roof. Exposes the Celery app."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
