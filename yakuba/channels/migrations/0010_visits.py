from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0009_helpers")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="visit",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                condition=models.Q(("visit__isnull", False)),
                fields=["town", "visit"],
                name="drafts_of_a_visit",
            ),
        ),
    ]
