from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("channels", "0005_savedfilter")]

    operations = [
        IdsOfTown(
            "channels_draftfile",
        ),
    ]
