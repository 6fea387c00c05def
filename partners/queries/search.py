"""Find partners by any part of a name, alias, domain or id, Latin or Chinese."""

from django.contrib.postgres.search import TrigramStrictWordSimilarity
from django.db.models import F, IntegerField, Value
from django.db.models.functions import Length, NullIf, StrIndex

from partners import names
from partners.models import Partner
from partners.models.partner import PartnerQuerySet

LIKENESS = 0.45
"""How like a typed name has to be (0 to 1, pg_trgm's strict word similarity)."""


def search(partners: PartnerQuerySet, text: str) -> PartnerQuerySet:
    """Narrow a queryset to what matches the text, the best first.

    Every word of the text must occur somewhere; where nothing does, names that are
    nearly like it are returned. An empty text leaves the queryset as it is.

    :param partners: already limited to what the person may see.
    """
    normal = names.normalise(text)
    if not normal:
        return partners
    found = partners.filter(search__grams__contains=names.query_grams(normal))
    for word in normal.split():
        found = found.filter(search__text__contains=word)
    place = NullIf(
        StrIndex("search__text", Value(normal)), 0, output_field=IntegerField()
    )
    found = found.annotate(place=place, words=Length("search__text")).order_by(
        F("place").asc(nulls_last=True), "words", "pk"
    )
    return found if found.exists() else _nearly(partners, normal)


def _nearly(partners: PartnerQuerySet, normal: str) -> PartnerQuerySet:
    return (
        partners.filter(search__text__trigram_strict_word_similar=normal)
        .annotate(likeness=TrigramStrictWordSimilarity(normal, "search__text"))
        .filter(likeness__gte=LIKENESS)
        .order_by("-likeness", "pk")
    )


def likely_duplicates(
    *, names_given: list[str], exclude_id: int | None = None
) -> PartnerQuerySet:
    """Return partners that share a core name with one of these names.

    What the person may see of them is the caller's business.
    """
    cores = sorted({names.core(name) for name in names_given if names.core(name)})
    found = Partner.objects.live().filter(search__cores__overlap=cores)
    if exclude_id is not None:
        found = found.exclude(pk=exclude_id)
    return found.order_by("display_name", "pk")
