"""A draft keeps by what its person was identified, not only that somebody did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial")]
    operations = [
        migrations.RenameField("draft", "clerk", "evidence"),
        migrations.AlterField("draft", "evidence", models.CharField(blank=True, max_length=200)),
    ]
