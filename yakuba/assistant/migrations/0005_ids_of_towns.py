from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("assistant", "0004_voice")]

    operations = [
        IdsOfTown(
            "assistant_expected",
            "assistant_lineaccount",
            "assistant_readfield",
            "assistant_writtenentry",
        ),
    ]
