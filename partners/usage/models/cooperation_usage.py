"""Which part of a partner's usage is a cooperation's own, by rule and from when to when."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.visibility import PartnerBoundQuerySet
from partners.usage.models.account import CloudAccount, Environment


def _span(column: str) -> models.Func:
    """Return a range over a text's hash: one point, or everything where it is empty.

    Ranges overlap exactly when two rules could take the same row, so that the database
    itself refuses the second of them.
    """
    return models.Func(
        models.F(column),
        template=(
            "CASE WHEN %(expressions)s = '' THEN int8range(NULL, NULL) "
            "ELSE int8range(hashtextextended(%(expressions)s, 0), "
            "hashtextextended(%(expressions)s, 0), '[]') END"
        ),
        output_field=models.TextField(),
    )


class CooperationUsage(models.Model):
    """Which part of its partner's usage one cooperation counts as its own, and when.

    What is empty is not looked at. A row of usage falls under at most one rule of a
    partner, and under none of another partner's cooperations: the database sees to both.
    """

    cooperation = models.ForeignKey(
        "partners.Cooperation",
        models.PROTECT,
        related_name="usage_rules",
        verbose_name=_("cooperation"),
    )
    partner = models.ForeignKey(
        "partners.Partner",
        models.PROTECT,
        related_name="cooperation_usage_rules",
        verbose_name=_("partner"),
        help_text=_("The cooperation's partner, kept for the rule of no overlap."),
    )
    account = models.ForeignKey(
        CloudAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperation_rules",
        verbose_name=_("account"),
    )
    service = models.CharField(_("service"), max_length=300, blank=True, default="")
    model = models.CharField(_("model"), max_length=200, blank=True, default="")
    environment = models.CharField(
        _("environment"), max_length=20, blank=True, default=""
    )
    tag_bucket = models.CharField(
        _("tag value"), max_length=400, blank=True, default=""
    )
    during = DateRangeField(_("days"))

    objects = PartnerBoundQuerySet["CooperationUsage"].as_manager()

    class Meta:
        verbose_name = _("usage of a cooperation")
        verbose_name_plural = _("usage of cooperations")
        constraints = [
            ExclusionConstraint(
                name="cooperation_usage_takes_a_row_once",
                expressions=[
                    ("partner", RangeOperators.EQUAL),
                    (
                        models.Func(
                            models.F("account"),
                            template=(
                                "CASE WHEN %(expressions)s IS NULL "
                                "THEN int8range(NULL, NULL) ELSE "
                                "int8range(%(expressions)s, %(expressions)s, '[]') END"
                            ),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (_span("service"), RangeOperators.OVERLAPS),
                    (_span("model"), RangeOperators.OVERLAPS),
                    (_span("environment"), RangeOperators.OVERLAPS),
                    (_span("tag_bucket"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            # a row may carry several tags: with one key two values never meet in it
            ExclusionConstraint(
                name="cooperation_usage_one_tag_per_partner",
                expressions=[
                    ("partner", RangeOperators.EQUAL),
                    (
                        models.Func(
                            models.F("tag_bucket"),
                            template="split_part(%(expressions)s, '=', 1)",
                            output_field=models.TextField(),
                        ),
                        RangeOperators.NOT_EQUAL,
                    ),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=~Q(tag_bucket=""),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False), name="cooperation_usage_has_days"
            ),
            models.CheckConstraint(
                condition=Q(environment__in=["", *Environment.values]),
                name="cooperation_usage_environment_known",
            ),
            models.CheckConstraint(
                condition=Q(tag_bucket="") | Q(tag_bucket__regex=r"^[^=]+=.+$"),
                name="cooperation_usage_tag_has_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cooperation_id} {self.during}"
