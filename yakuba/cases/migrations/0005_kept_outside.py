"""Checkpoints that bind the access log as well, certificates of what was removed, and texts that nobody changes."""

from django.db import migrations, models

from yakuba.access.towns import AppendOnly, ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_archivist"),
        ("access", "0009_audit"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkpoint",
            name="statement",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="checkpoint",
            name="statement_signature",
            field=models.BinaryField(null=True),
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("number", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("last_event", models.BigIntegerField()),
                ("statement", models.TextField()),
                ("positions", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("public_key", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "number"), name="one_certificate_per_number")
                ],
            },
        ),
        ForceRowSecurity("cases_certificate"),
        AppendOnly("cases_certificate", "cases_serviceversion"),
    ]
