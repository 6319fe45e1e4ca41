from django.db import migrations, models

from yakuba.access.towns import ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [("assistant", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("case", models.UUIDField()),
                ("kind", models.CharField(max_length=16)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("shown_to", models.CharField(max_length=80)),
                ("shown_at", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, max_length=8)),
                ("settled_at", models.DateTimeField(null=True)),
                ("changed", models.FloatField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["town", "shown_at"], name="suggestions_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["", "accepted", "edited", "rejected"])),
                        name="a_suggestion_has_an_outcome",
                    )
                ],
            },
        ),
        ForceRowSecurity("assistant_suggestion"),
    ]
