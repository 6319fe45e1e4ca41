"""Links that name their rows, rows that are removed after their time, and indexes for who looks through the log."""

from django.db import migrations, models

from yakuba.access.towns import AppendOnly, ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_circumstances"),
    ]

    operations = [
        migrations.AddField(
            model_name="accessseal",
            name="rows",
            field=models.BinaryField(null=True),
        ),
        migrations.CreateModel(
            name="AccessCut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("last_event", models.BigIntegerField()),
                ("statement", models.TextField()),
                ("signature", models.BinaryField()),
                ("public_key", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "last_event"), name="access_cut_order")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="accessevent",
            index=models.Index(fields=["town", "at"], name="access_event_time"),
        ),
        migrations.AddIndex(
            model_name="accessevent",
            index=models.Index(fields=["town", "worker_id", "at"], name="access_event_worker"),
        ),
        ForceRowSecurity("access_accesscut"),
        AppendOnly("access_accesscut"),
        migrations.RunSQL(
            "grant select, delete on access_accessevent to yakuba_archivist",
            "revoke select, delete on access_accessevent from yakuba_archivist",
        ),
    ]
