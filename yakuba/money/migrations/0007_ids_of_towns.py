from django.db import migrations, models

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [
        ("money", "0006_approvals_stay"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="collectionrow",
            name="one_row_per_line",
        ),
        migrations.RemoveConstraint(
            model_name="paymentorder",
            name="one_live_order_per_fee",
        ),
        migrations.RemoveConstraint(
            model_name="slip",
            name="one_slip_per_amount",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="one_live_transfer_per_payment",
        ),
        migrations.AddConstraint(
            model_name="collectionrow",
            constraint=models.UniqueConstraint(fields=("town", "file", "line"), name="one_row_per_line"),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["new", "open"])),
                fields=("town", "fee"),
                name="one_live_order_per_fee",
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.UniqueConstraint(fields=("town", "fee", "amount"), name="one_slip_per_amount"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["in_run", "paid"])),
                fields=("town", "payment"),
                name="one_live_transfer_per_payment",
            ),
        ),
        IdsOfTown(
            "money_approval",
            "money_collectionfile",
            "money_collectionrow",
            "money_correction",
            "money_fee",
            "money_originator",
            "money_payment",
            "money_paymentnotice",
            "money_received",
            "money_resultread",
            "money_setoff",
            "money_slip",
            "money_transfer",
            "money_transferfile",
        ),
    ]
