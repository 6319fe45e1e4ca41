"""Nobody takes their word back that a run may leave, nor changes whose it was."""

from django.db import migrations

from yakuba.access.towns import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("money", "0005_set_off_amount"),
    ]

    operations = [AppendOnly("money_approval")]
