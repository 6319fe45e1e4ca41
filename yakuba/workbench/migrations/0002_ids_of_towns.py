from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("workbench", "0001_initial")]

    operations = [
        IdsOfTown(
            "workbench_publication",
            "workbench_saved",
        ),
    ]
