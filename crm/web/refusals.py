"""A refusal of the business, in the words a form or a page shows."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from crm.core.errors import DomainError


def as_form_error(refusal: DomainError) -> ValidationError:
    """Return the refusal and each missing thing as errors of a form."""
    return ValidationError(lines_of(refusal), code=refusal.code)


def lines_of(refusal: DomainError) -> list[str]:
    """Return the refusal's text, then one line for each missing thing."""
    return [
        str(refusal),
        *(str(refusal.missing_as) % {"what": what} for what in refusal.missing),
    ]


def tell(request: HttpRequest, refusal: DomainError) -> None:
    """Show the refusal on top of the next page."""
    for line in lines_of(refusal):
        messages.error(request, line)
