"""Every text of the delivered ladder is one that is translated."""

import pytest
from django.utils import translation

from partners import delivered
from partners.models import GateCriterion, StageDefinition
from partners.stages import Stage

pytestmark = pytest.mark.django_db


class TestDeliveredTexts:
    def test_name_every_criterion(self) -> None:
        labels = set(GateCriterion.objects.values_list("label", flat=True))

        assert labels == set(delivered.CRITERIA)

    def test_name_every_meaning(self) -> None:
        meanings = StageDefinition.objects.order_by("order").values_list(
            "meaning", flat=True
        )

        assert tuple(meanings) == delivered.MEANINGS

    def test_name_every_stage(self) -> None:
        names = StageDefinition.objects.order_by("order").values_list("name", flat=True)

        with translation.override("en"):
            assert list(names) == [str(label) for label in Stage.labels]

    def test_are_shown_in_chinese(self) -> None:
        with translation.override("zh-hans"):
            assert str(StageDefinition.objects.get(code="first_contact")) == "初次接触"
            assert str(GateCriterion.objects.filter(code="owner_named").get()) == (
                "已指定负责人"
            )
