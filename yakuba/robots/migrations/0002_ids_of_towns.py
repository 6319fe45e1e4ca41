from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("robots", "0001_initial")]

    operations = [
        IdsOfTown(
            "robots_account",
            "robots_compiled",
            "robots_pause",
            "robots_proposal",
            "robots_screenmarks",
        ),
    ]
