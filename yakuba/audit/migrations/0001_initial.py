from django.db import migrations, models

from yakuba.access.towns import AppendOnly, ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0009_audit")]

    operations = [
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("at", models.DateTimeField()),
                ("cases", models.IntegerField()),
                ("events", models.BigIntegerField()),
                ("looks", models.BigIntegerField()),
                ("found", models.IntegerField()),
                ("findings", models.JSONField()),
                ("clocks", models.JSONField()),
            ],
            options={"abstract": False},
        ),
        ForceRowSecurity("audit_proof"),
        AppendOnly("audit_proof"),
    ]
