from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [
        IdsOfTown(
            "records_cutover",
            "records_loadedrow",
            "records_record",
        ),
    ]
