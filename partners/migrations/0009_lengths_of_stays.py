"""Keep with each stay how long it lasted and when the cooperation went on."""

import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0008_acts_at_gates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="stagetransition",
            name="stagetransition_statistics",
        ),
        migrations.AddField(
            model_name="stagetransition",
            name="advanced_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When a later open stage was first reached by advancing.",
                null=True,
                verbose_name="went on at",
            ),
        ),
        migrations.AddField(
            model_name="stagetransition",
            name="lasted_seconds",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.CombinedExpression(
                    models.Func(
                        models.Value("epoch"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("exited_at"), "-", models.F("entered_at")
                        ),
                        function="date_part",
                        output_field=models.FloatField(),
                    ),
                    "-",
                    models.F("held_seconds"),
                ),
                output_field=models.FloatField(),
                verbose_name="seconds it lasted, without holds",
            ),
        ),
        migrations.AddIndex(
            model_name="stagetransition",
            index=models.Index(
                models.F("to_stage"),
                models.F("exited_at"),
                include=("lasted_seconds", "cooperation"),
                name="stagetransition_completed",
            ),
        ),
        migrations.AddIndex(
            model_name="stagetransition",
            index=models.Index(
                models.F("to_stage"),
                models.F("entered_at"),
                include=("advanced_at", "cooperation"),
                name="stagetransition_entered",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagetransition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("advanced_at__isnull", True),
                    ("advanced_at__gte", models.F("entered_at")),
                    _connector="OR",
                ),
                name="stagetransition_advanced_after_start",
            ),
        ),
    ]
