"""The tags by which rules tell the rows of a source apart."""

from partners.usage.focus.rollup import NamedTags
from partners.usage.models import AccountAssignment, CooperationUsage


def named_tags(source_id: int) -> NamedTags:
    """Return the tags by which rules tell rows of a source apart, both sorted.

    Rules of assignments, and of cooperations whose partner has accounts there.
    """
    given = AccountAssignment.objects.exclude(tag_key="").filter(
        account__source_id=source_id
    )
    counted = CooperationUsage.objects.exclude(tag_bucket="").filter(
        partner__account_ownerships__account__source_id=source_id
    )
    pairs = set(given.values_list("tag_key", "tag_value"))
    for bucket in counted.values_list("tag_bucket", flat=True).distinct():
        key, _sign, value = bucket.partition("=")
        pairs.add((key, value))
    named: NamedTags = {}
    for key, value in sorted(pairs):
        named.setdefault(key, []).append(value)
    return named
