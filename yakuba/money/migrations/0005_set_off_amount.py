from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("money", "0004_overpaid"),
    ]

    operations = [
        migrations.AddField(
            model_name="setoff",
            name="amount",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        # what was asked back is what a set-off began with
        migrations.RunSQL(
            """update money_setoff s set amount = greatest(s.left, coalesce(
                 (select sum(c.amount) from money_correction c where c.town = s.town and c."case" = s."case"), 0))""",
            migrations.RunSQL.noop,
        ),
    ]
