from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("field", "0003_handed_on_again")]

    operations = [
        IdsOfTown(
            "field_absence",
            "field_contract",
            "field_custody",
            "field_customercontract",
            "field_deviceprofile",
            "field_ferry",
            "field_observation",
            "field_orderline",
            "field_outsourced",
            "field_secret",
            "field_technician",
        ),
    ]
