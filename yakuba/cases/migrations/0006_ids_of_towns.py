import uuid

from django.db import migrations, models

from yakuba.access.towns import AppendOnly, ForceRowSecurity, IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_kept_outside")]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("town", models.CharField(max_length=6)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=100)),
                ("archive", models.CharField(max_length=64)),
                ("keys", models.JSONField()),
                ("signature", models.BinaryField()),
                ("public_key", models.BinaryField()),
            ],
            options={"abstract": False},
        ),
        ForceRowSecurity("cases_arrival"),
        AppendOnly("cases_arrival"),
        IdsOfTown(
            "cases_certificate",
            "cases_checkpoint",
            "cases_event",
            "cases_serviceversion",
        ),
    ]
