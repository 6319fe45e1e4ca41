"""A message may ask for an answer: its QR code leads to the confirmation, and a form to be sent back comes with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messages", "0001_initial")]
    operations = [
        migrations.AddField("message", "reply", models.BooleanField(db_default=False, default=False)),
    ]
