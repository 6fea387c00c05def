"""Bring the names that Salesforce and HubSpot give their stages as delivered."""

from django.db import migrations

NAMES = {
    "salesforce": (
        ("Prospecting", "Prospect"),
        ("Qualification", "Qualified"),
        ("Needs Analysis", "Qualified"),
        ("Value Proposition", "Technical Validation"),
        ("Id. Decision Makers", "Technical Validation"),
        ("Perception Analysis", "Technical Validation"),
        ("Proposal/Price Quote", "Business Validation"),
        ("Negotiation/Review", "Committed"),
        ("Closed Won", "Launched"),
        ("Closed Lost", "Closed Lost"),
    ),
    "hubspot": (
        ("Appointment Scheduled", "Prospect"),
        ("appointmentscheduled", "Prospect"),
        ("Qualified To Buy", "Qualified"),
        ("qualifiedtobuy", "Qualified"),
        ("Presentation Scheduled", "Technical Validation"),
        ("presentationscheduled", "Technical Validation"),
        ("Decision Maker Bought-In", "Business Validation"),
        ("decisionmakerboughtin", "Business Validation"),
        ("Contract Sent", "Committed"),
        ("contractsent", "Committed"),
        ("Closed Won", "Launched"),
        ("closedwon", "Launched"),
        ("Closed Lost", "Closed Lost"),
        ("closedlost", "Closed Lost"),
    ),
}
PARTED = str.maketrans("./-", "   ")


def bring(apps, _schema_editor):
    model = apps.get_model("deals", "DealStageName")
    model.objects.bulk_create(
        model(
            system=system,
            name=name,
            normal=" ".join(name.casefold().translate(PARTED).split()),
            stage=stage,
        )
        for system, names in NAMES.items()
        for name, stage in names
    )


def take_away(apps, _schema_editor):
    apps.get_model("deals", "DealStageName").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("deals", "0007_deal_imports")]

    operations = [migrations.RunPython(bring, take_away)]
