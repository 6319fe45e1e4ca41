import uuid

from django.db import migrations, models

from yakuba.access.towns import ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [("assistant", "0003_readfield")]

    operations = [
        migrations.CreateModel(
            name="Recording",
            fields=[
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("case", models.UUIDField()),
                ("by", models.CharField(max_length=100)),
                ("sound", models.BinaryField()),
                ("recorded_at", models.DateTimeField()),
                ("heard", models.JSONField(null=True)),
                ("refused", models.JSONField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["town", "case"], name="recordings_of_a_case")],
            },
        ),
        ForceRowSecurity("assistant_recording"),
    ]
