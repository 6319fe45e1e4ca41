import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from yakuba.access.towns import ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="TransferFile",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("count", models.IntegerField()),
                ("total", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("receipt", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("case", models.UUIDField()),
                ("step", models.CharField(max_length=64)),
                ("attempt", models.IntegerField()),
                ("key", models.CharField(max_length=160)),
                ("service", models.CharField(max_length=64)),
                ("beneficiary", models.UUIDField(null=True)),
                ("amount", models.BigIntegerField()),
                ("fixed", models.BooleanField()),
                ("first", models.DateField(null=True)),
                ("last", models.DateField(null=True)),
                ("ordered_until", models.DateField(null=True)),
                (
                    "pay_months",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), null=True, size=None
                    ),
                ),
                ("covers", models.IntegerField(null=True)),
                ("bank", models.CharField(max_length=4)),
                ("branch", models.CharField(max_length=3)),
                ("type", models.CharField(max_length=1)),
                ("number", models.CharField(max_length=7)),
                ("holder", models.CharField(max_length=30)),
            ],
            options={
                "indexes": [models.Index(fields=["town", "key"], name="money_entit_town_f468ee_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("town", "case"), name="one_entitlement_per_case")
                ],
            },
        ),
        migrations.CreateModel(
            name="Originator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("code", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=40)),
                ("bank", models.CharField(max_length=4)),
                ("branch", models.CharField(max_length=3)),
                ("type", models.CharField(max_length=1)),
                ("number", models.CharField(max_length=7)),
                ("per_transfer", models.BigIntegerField()),
                ("per_run", models.BigIntegerField()),
                ("per_file", models.IntegerField()),
                ("crlf", models.BooleanField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("town",), name="one_originator_per_town")],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.UUIDField()),
                ("key", models.CharField(max_length=160)),
                ("period", models.CharField(max_length=7)),
                ("amount", models.BigIntegerField()),
                ("due", models.DateField()),
                ("state", models.CharField(max_length=8)),
                ("ordered_at", models.DateTimeField()),
                ("paid_on", models.DateField(null=True)),
                (
                    "entitlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="money.entitlement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ResultRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("paid", models.IntegerField()),
                ("failed", models.IntegerField()),
                ("read_by", models.CharField(max_length=80)),
                ("read_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="money.transferfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TransferRun",
            fields=[
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("value_date", models.DateField()),
                ("state", models.CharField(max_length=9)),
                ("count", models.IntegerField()),
                ("total", models.BigIntegerField()),
                ("created_by", models.CharField(max_length=80)),
                ("created_by_name", models.CharField(blank=True, max_length=100)),
                ("created_at", models.DateTimeField()),
                ("exported_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["town", "state"], name="money_trans_town_79a584_idx")],
            },
        ),
        migrations.AddField(
            model_name="transferfile",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="money.transferrun"
            ),
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=9)),
                ("amount", models.BigIntegerField()),
                ("bank", models.CharField(max_length=4)),
                ("branch", models.CharField(max_length=3)),
                ("type", models.CharField(max_length=1)),
                ("number", models.CharField(max_length=7)),
                ("holder", models.CharField(max_length=30)),
                ("code", models.CharField(blank=True, max_length=1)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="money.payment",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="money.transferfile",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="money.transferrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="money.transferrun",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["town", "due"], name="payments_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["town", "case"], name="money_payme_town_567ec6_idx"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                fields=("town", "key", "period"), name="one_payment_per_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="payment_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="resultread",
            constraint=models.UniqueConstraint(fields=("town", "sha256"), name="one_reading_per_result"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["run", "id"], name="money_trans_run_id_4f9520_idx"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["file", "id"], name="money_trans_file_id_81b513_idx"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["in_run", "paid"])),
                fields=("payment",),
                name="one_live_transfer_per_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(fields=("run", "by"), name="one_approval_per_person"),
        ),
        ForceRowSecurity(
            "money_originator",
            "money_entitlement",
            "money_payment",
            "money_transferrun",
            "money_approval",
            "money_transferfile",
            "money_transfer",
            "money_resultread",
        ),
    ]
