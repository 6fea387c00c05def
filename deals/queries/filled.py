"""What is filled in on a deal, in the words of the stages' demands."""

from deals import pipeline
from deals.agreements import IN_FORCE
from deals.models import Agreement, Deal


def present_in(deal: Deal) -> set[str]:
    """Return which demanded fields the deal has, by their names in `pipeline.DEMANDS`."""
    filled = {
        name
        for name in pipeline.WORDS
        if hasattr(deal, name) and getattr(deal, name) not in {None, ""}
    }
    if deal.amount is not None and deal.amount <= 0:
        filled.discard("amount")
    if deal.agreement is not None and is_won_on(deal.agreement):
        filled.add("agreement_signed")
    return filled


def is_won_on(agreement: Agreement) -> bool:
    """Tell whether a deal can be won on this paper: signed by both and in force."""
    return agreement.status in IN_FORCE
