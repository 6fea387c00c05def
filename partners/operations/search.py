"""Keep the words by which partners are found in step with their names and ids."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import models, transaction

from crm.core import bulk
from partners import names
from partners.models import (
    ExternalId,
    Partner,
    PartnerAlias,
    PartnerDomain,
    PartnerSearch,
    RegistrationId,
)

BATCH = 2_000
PARTS = (
    (PartnerAlias, "name"),
    (PartnerDomain, "domain"),
    (RegistrationId, "value"),
    (ExternalId, "value"),
)


@transaction.atomic
def refresh_search(*, partner_ids: Collection[int]) -> None:
    """Write the search entries of these partners anew; the caller has changed them.

    Seven statements for any number up to a batch of 2,000.
    """
    wanted = sorted(partner_ids)
    for start in range(0, len(wanted), BATCH):
        _refresh(wanted[start : start + BATCH])


@transaction.atomic
def rebuild_search() -> int:
    """Write the entries of all partners anew and return how many there are."""
    ids = list(Partner.objects.order_by("pk").values_list("pk", flat=True))
    refresh_search(partner_ids=ids)
    return len(ids)


def _refresh(partner_ids: list[int]) -> None:
    these = bulk.these(partner_ids, models.BigIntegerField())
    aliases = _parts(PartnerAlias, "name", these)
    others = [_parts(model, field, these) for model, field in PARTS[1:]]
    rows = Partner.objects.filter(pk__in=these).values_list(
        "pk", "display_name", "legal_name", "local_name"
    )
    entries = [
        entry(
            partner_id=pk,
            company_names=[*own_names, *aliases[pk]],
            others=[value for part in others for value in part[pk]],
        )
        for pk, *own_names in rows
    ]
    bulk.put(PartnerSearch, entries)


def _parts(
    model: type[PartnerAlias | PartnerDomain | RegistrationId | ExternalId],
    field: str,
    these: models.Func,
) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = model._default_manager.filter(partner_id__in=these).order_by("pk")
    for partner_id, value in rows.values_list("partner_id", field):
        found[partner_id].append(value)
    return found


def entry(
    *, partner_id: int, company_names: Iterable[str], others: Iterable[str]
) -> PartnerSearch:
    """Make the entry of one partner, not stored.

    :param company_names: display name first, empty ones are left out.
    :param others: domains and ids.
    """
    known = [name for name in company_names if name]
    words = dict.fromkeys(names.normalise(text) for text in (*known, *others))
    text = " ".join(word for word in words if word)
    return PartnerSearch(
        partner_id=partner_id,
        text=text,
        grams=names.index_grams(text),
        cores=sorted({names.core(name) for name in known}),
    )
