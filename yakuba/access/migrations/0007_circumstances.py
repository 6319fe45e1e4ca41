from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0006_client_scopes")]

    operations = [
        migrations.AddField(model_name="accessevent", name="question", field=models.JSONField(null=True)),
    ]
