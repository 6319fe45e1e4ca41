from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_initial")]

    operations = [
        IdsOfTown(
            "booking_allotment",
        ),
    ]
