from django.db import migrations

from yakuba.access.towns import IdsOfTown


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [IdsOfTown("audit_proof")]
