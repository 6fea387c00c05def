"""Bring the weights of the deal stages as they are delivered."""

from django.db import migrations

WEIGHTS = (
    ("Prospect", 10, "omitted"),
    ("Qualified", 20, "pipeline"),
    ("Technical Validation", 40, "best_case"),
    ("Business Validation", 60, "best_case"),
    ("Committed", 80, "commit"),
    ("Launched", 100, "closed"),
    ("Closed Lost", 0, "omitted"),
)


def bring(apps, _schema_editor):
    model = apps.get_model("deals", "DealStageWeight")
    model.objects.bulk_create(
        model(stage=stage, probability=probability, category=category, order=order)
        for order, (stage, probability, category) in enumerate(WEIGHTS, 1)
    )


def take_away(apps, _schema_editor):
    apps.get_model("deals", "DealStageWeight").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("deals", "0003_commitment_guards")]

    operations = [migrations.RunPython(bring, take_away)]
