"""The ladder as data: its stages."""

from django.db.models import QuerySet

from crm.web import api
from partners.models import StageDefinition


class StageShape(api.Shape[StageDefinition]):
    """One stage of the ladder."""

    class Meta:
        model = StageDefinition
        fields = (
            "code",
            "order",
            "name",
            "meaning",
            "stage_type",
            "expected_days",
            "warning_days",
            "confirm_within_days",
            "co_sell_stage",
        )


class Stages(api.Resource[StageDefinition]):
    """Stages of the ladder, in their order."""

    plural = "stages"
    access = api.Access("partners", read="partners.view_stagedefinition")
    shape = StageShape
    orderings = ("order",)
    default_ordering = "order"

    def rows(self) -> QuerySet[StageDefinition]:
        return StageDefinition.objects.all()


urlpatterns = api.routes("stages", Stages)
