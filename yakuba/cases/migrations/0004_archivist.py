"""Who may remove the private parts of events, and do nothing else to the log."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_index_of_visits"),
    ]

    operations = [
        migrations.RunSQL(
            "grant select, update (private, salt) on cases_event to yakuba_archivist",
            "revoke select, update on cases_event from yakuba_archivist",
        ),
    ]
