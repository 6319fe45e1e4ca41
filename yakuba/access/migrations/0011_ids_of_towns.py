from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("access", "0010_break_glass")]

    operations = [
        IdsOfTown(
            "access_accesscut",
            "access_accessevent",
            "access_accessseal",
            "access_emergency",
            "access_limit",
            "access_network",
            "access_passkey",
            "access_posture",
        ),
    ]
