"""A message may be a text (SMS): to a telephone, in few words, under the receipt of a gateway that says when it arrived."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messages", "0002_reply")]
    operations = [
        migrations.AddField(
            "message", "to_phone", models.CharField(blank=True, db_default="", default="", max_length=20)
        ),
        migrations.AddField("message", "short", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField(
            "message", "receipt", models.CharField(blank=True, db_default="", default="", max_length=100)
        ),
        migrations.AddField("message", "delivered_at", models.DateTimeField(null=True)),
    ]
