from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("register", "0002_statistics")]

    operations = [
        IdsOfTown(
            "register_address",
            "register_bankaccount",
            "register_taxation",
        ),
    ]
