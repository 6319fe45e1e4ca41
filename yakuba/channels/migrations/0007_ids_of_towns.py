from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("channels", "0006_offline_packs")]

    operations = [
        IdsOfTown(
            "channels_draftfile",
        ),
    ]
