import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from yakuba.access.towns import AppendOnly, ForceRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("login", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=100)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("clerk", "clerk"),
                                ("reviewer", "reviewer"),
                                ("approver", "approver"),
                                ("accountant", "accountant"),
                                ("manager", "manager"),
                                ("auditor", "auditor"),
                                ("admin", "admin"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("totp_secret", models.TextField(blank=True, default="")),
                ("totp_step", models.BigIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("town", "login"), name="access_staff_login")],
            },
        ),
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "written_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("worker_kind", models.CharField(max_length=20)),
                ("worker_id", models.CharField(max_length=100)),
                ("action", models.CharField(max_length=60)),
                ("resource_type", models.CharField(max_length=40)),
                ("resource_id", models.CharField(max_length=100)),
                ("outcome", models.CharField(max_length=20)),
                (
                    "policies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["town", "id"], name="access_event_order"),
                    models.Index(
                        fields=["town", "resource_type", "resource_id"], name="access_event_resource"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessSeal",
            fields=[
                ("town", models.CharField(max_length=6)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("last_event", models.BigIntegerField()),
                ("events", models.IntegerField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "last_event"), name="access_seal_order"),
                    models.UniqueConstraint(fields=("town", "previous"), name="access_seal_chain"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("purpose", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=64)),
                ("spent", models.IntegerField(default=0)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "purpose", "key"), name="access_limit_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Resident",
            fields=[
                ("town", models.CharField(max_length=6)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("issuer", models.URLField()),
                ("subject", models.CharField(max_length=255)),
                ("person", models.CharField(blank=True, max_length=64, null=True)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("birth_date", models.DateField(blank=True, null=True)),
                ("address", models.CharField(blank=True, default="", max_length=300)),
                ("gender", models.CharField(blank=True, default="", max_length=20)),
                ("created_at", models.DateTimeField()),
                ("linked_by", models.CharField(blank=True, default="", max_length=100)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("town", "issuer", "subject"), name="access_resident_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("town", models.CharField(max_length=6)),
                (
                    "resident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="access.resident",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="access.staff",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("town", models.CharField(max_length=6)),
                ("credential_id", models.BinaryField()),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField(default=0)),
                ("name", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to="access.staff",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("town", "credential_id"), name="access_passkey_credential"
                    )
                ],
            },
        ),
        ForceRowSecurity(
            "access_staff",
            "access_passkey",
            "access_resident",
            "access_session",
            "access_limit",
            "access_accessevent",
            "access_accessseal",
        ),
        AppendOnly("access_accessevent", "access_accessseal"),
        migrations.RunSQL("alter table access_limit set unlogged", "alter table access_limit set logged"),
    ]
