from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("access", "0006_client_scopes")]

    operations = [
        IdsOfTown(
            "access_accessevent",
            "access_accessseal",
            "access_limit",
            "access_passkey",
        ),
    ]
