"""What the theme asks us: badge of the installation, favicon, style sheet, language."""

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _


def environment(request: HttpRequest) -> list[str] | None:
    """Return the badge in the page head as text and colour; none in production."""
    badges = {
        "development": [_("Development"), "info"],
        "demo": [_("Demo"), "warning"],
        "test": [_("Test"), "info"],
        "staging": [_("Staging"), "warning"],
    }
    return badges.get(settings.ENVIRONMENT)


def title_prefix(request: HttpRequest) -> str:
    """Return what stands before the title of the browser tab."""
    badge = environment(request)
    return f"[{badge[0]}]" if badge else ""


def favicon(request: HttpRequest) -> str:
    """Return the address of the icon in the browser tab."""
    return static("web/favicon.svg")


def stylesheet(request: HttpRequest) -> str:
    """Return the address of our own additions to the theme's styles."""
    return static("web/shell.css")


def language_action(request: HttpRequest) -> str:
    """Return where the language switch posts to."""
    return reverse("set_language")
