from django.db import migrations, models

from yakuba.access.towns import ForceRowSecurity, IdsOfTown


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0009_audit")]

    operations = [
        migrations.CreateModel(
            name="Saving",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("robot", models.CharField(max_length=140)),
                ("at", models.DateTimeField()),
                ("body", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "robot"), name="one_saving_per_robot")
                ],
            },
        ),
        migrations.CreateModel(
            name="Served",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("case", models.UUIDField(primary_key=True, serialize=False)),
                ("service", models.CharField(max_length=64)),
                ("channel", models.CharField(max_length=16)),
                ("language", models.CharField(max_length=8)),
                ("age_band", models.CharField(blank=True, max_length=8)),
                ("district", models.CharField(blank=True, max_length=200)),
                ("outcome", models.CharField(blank=True, max_length=32)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("days", models.FloatField(null=True)),
                ("pay_days", models.FloatField(null=True)),
                ("score", models.SmallIntegerField(null=True)),
                ("hard", models.CharField(blank=True, max_length=64)),
                ("how", models.CharField(blank=True, max_length=8)),
                ("minutes", models.FloatField()),
                ("timed", models.IntegerField()),
                ("untimed", models.IntegerField()),
                ("robot_steps", models.IntegerField()),
                ("partner", models.CharField(blank=True, max_length=6)),
                ("partner_steps", models.IntegerField()),
                ("partner_late", models.IntegerField()),
                ("letters", models.IntegerField()),
                ("texts", models.IntegerField()),
                ("transfers", models.IntegerField()),
                ("returned", models.IntegerField()),
                ("failed", models.IntegerField()),
                ("late", models.IntegerField()),
                ("troubles", models.JSONField(null=True)),
                ("seq", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["town", "closed_at"], name="progress_se_town_dea4c7_idx"),
                    models.Index(fields=["town", "opened_at"], name="progress_se_town_cbc8cf_idx"),
                ],
            },
        ),
        ForceRowSecurity("progress_saving", "progress_served"),
        IdsOfTown("progress_saving"),
    ]
