import uuid

import django.db.models.deletion
from django.db import migrations, models

from yakuba.access.towns import AppendOnly, ForceRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("money", "0002_without_a_second_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="CollectionFile",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("rows", models.IntegerField()),
                ("read_by", models.CharField(max_length=80)),
                ("read_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "sha256"), name="one_reading_per_collection")
                ],
            },
        ),
        migrations.CreateModel(
            name="Fee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("case", models.UUIDField()),
                ("task", models.UUIDField()),
                ("service", models.CharField(max_length=64)),
                ("amount", models.BigIntegerField()),
                ("since", models.DateField()),
            ],
            options={
                "indexes": [models.Index(fields=["town", "since"], name="money_fee_town_d5bb88_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("town", "case"), name="one_fee_per_case"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="fee_is_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentNotice",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=80)),
                ("order", models.UUIDField(null=True)),
                ("body", models.BinaryField()),
                ("signature", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["town", "order"], name="money_payme_town_7ddeee_idx")],
            },
        ),
        migrations.CreateModel(
            name="PaymentOrder",
            fields=[
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("amount", models.BigIntegerField()),
                ("state", models.CharField(max_length=8)),
                ("page", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("next_ask_at", models.DateTimeField(null=True)),
                (
                    "fee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="money.fee"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Received",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("way", models.CharField(max_length=8)),
                ("amount", models.BigIntegerField()),
                ("on", models.DateField()),
                ("key", models.CharField(max_length=120)),
                ("tendered", models.BigIntegerField(null=True)),
                ("fiscal_year", models.IntegerField()),
                ("number", models.IntegerField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField()),
                ("printed_at", models.DateTimeField(null=True)),
                (
                    "fee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="received", to="money.fee"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received",
                        to="money.paymentorder",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CollectionRow",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("line", models.IntegerField()),
                ("raw", models.TextField()),
                ("slip", models.CharField(blank=True, max_length=40)),
                ("amount", models.BigIntegerField(null=True)),
                ("on", models.DateField(null=True)),
                ("reference", models.CharField(blank=True, max_length=40)),
                ("result", models.CharField(max_length=12)),
                ("told", models.CharField(blank=True, max_length=500)),
                ("told_by", models.CharField(blank=True, max_length=80)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="money.collectionfile",
                    ),
                ),
                (
                    "received",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="money.received",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("amount", models.BigIntegerField()),
                ("why", models.CharField(max_length=12)),
                ("state", models.CharField(max_length=8)),
                ("asked_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, max_length=80)),
                ("approved_by_name", models.CharField(blank=True, max_length=100)),
                ("approved_at", models.DateTimeField(null=True)),
                ("done_on", models.DateField(null=True)),
                ("done_by", models.CharField(blank=True, max_length=80)),
                ("told", models.CharField(blank=True, max_length=500)),
                ("tries", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                (
                    "received",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="money.received",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("number", models.CharField(max_length=16)),
                ("amount", models.BigIntegerField()),
                ("issued_at", models.DateTimeField()),
                ("until", models.DateField()),
                (
                    "fee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="slips", to="money.fee"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="received",
            name="slip",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received",
                to="money.slip",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentorder",
            index=models.Index(
                condition=models.Q(("next_ask_at__isnull", False)),
                fields=["town", "next_ask_at"],
                name="orders_to_ask",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["new", "open"])),
                fields=("fee",),
                name="one_live_order_per_fee",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionrow",
            constraint=models.UniqueConstraint(fields=("file", "line"), name="one_row_per_line"),
        ),
        migrations.AddConstraint(
            model_name="collectionrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("result__in", ["again", "unreadable"]), _negated=True),
                fields=("town", "reference"),
                name="one_row_per_reference",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["town", "state"], name="money_refun_town_8ba8fa_idx"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="refund_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.UniqueConstraint(fields=("town", "number"), name="one_slip_per_number"),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.UniqueConstraint(fields=("fee", "amount"), name="one_slip_per_amount"),
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(fields=["town", "on"], name="money_recei_town_e2183a_idx"),
        ),
        migrations.AddConstraint(
            model_name="received",
            constraint=models.UniqueConstraint(fields=("town", "key"), name="money_is_received_once"),
        ),
        migrations.AddConstraint(
            model_name="received",
            constraint=models.UniqueConstraint(fields=("order",), name="one_payment_per_order"),
        ),
        migrations.AddConstraint(
            model_name="received",
            constraint=models.UniqueConstraint(
                fields=("town", "fiscal_year", "number"), name="one_receipt_per_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="received",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="received_is_positive"
            ),
        ),
        ForceRowSecurity(
            "money_fee",
            "money_paymentorder",
            "money_paymentnotice",
            "money_slip",
            "money_received",
            "money_collectionfile",
            "money_collectionrow",
            "money_refund",
        ),
        AppendOnly("money_paymentnotice", "money_collectionfile"),
    ]
