from django.db import migrations, models

from yakuba.access.towns import ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [("assistant", "0002_suggestion")]

    operations = [
        migrations.CreateModel(
            name="ReadField",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("draft", models.UUIDField()),
                ("service", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=20)),
                ("page", models.IntegerField()),
                ("confidence", models.FloatField()),
                ("sure", models.BooleanField()),
                ("asked", models.BooleanField()),
                ("value", models.TextField(blank=True)),
                ("others", models.JSONField(default=list)),
                ("keyed", models.TextField(blank=True)),
                ("picture", models.BinaryField(default=bytes)),
                ("right", models.BooleanField(null=True)),
                ("read_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["town", "kind", "-answered_at"], name="readings_that_were_answered")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["town", "draft", "name"], name="one_reading_per_answer")
                ],
            },
        ),
        ForceRowSecurity("assistant_readfield"),
    ]
