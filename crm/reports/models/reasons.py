"""Why a delivery was not sent, in codes that stay the same."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """What a person reads beside the state."""

    SUPERSEDED = "superseded", _("A newer report was due as well.")
    TOO_LATE = "too-late", _("It was too late for this report.")
    RESTORED = "restored", _("It was due before this database took over.")
    SAME_RUN = "same-run", _("The reader gets the same report by another subscription.")
    NOTHING = "nothing", _("There was nothing to report.")
    UNSUBSCRIBED = "unsubscribed", _("The reader has unsubscribed.")
    NOT_READER = "not-reader", _("The person no longer belongs to the readers.")
    LEFT = "left", _("The person is not active any more.")
    DEAD_ADDRESS = "dead-address", _("The address refuses mails.")
    PAUSED = "paused", _("The subscription is paused.")
    NO_ANSWER = "no-answer", _("The mail server did not answer the end of the mail.")
    LEASE_ENDED = "lease-ended", _("The worker died while it handed the mail over.")
    REFUSED = "refused", _("The mail server refused the mail for good.")
    GIVEN_UP = "given-up", _("The mail server refused the mail too many times.")
    NOT_MADE = "not-made", _("The report could not be made.")
    BY_PERSON = "by-person", _("A person said that it did not arrive.")
