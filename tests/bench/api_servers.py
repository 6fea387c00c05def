"""WSGI entries of the three servers that the API benchmark compares."""

from django.core.wsgi import get_wsgi_application

ours = stock = plain = get_wsgi_application()
