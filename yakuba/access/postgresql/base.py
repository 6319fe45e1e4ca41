"""What Django is told of the database: a numbered row is known by its town and its number (`towns.IdsOfTown`)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.postgresql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    """PostgreSQL takes what hangs on a key as grouped with it; the number alone is no key."""

    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        numbered = isinstance(model._meta.pk, models.BigAutoField)
        return not numbered and super().allows_group_by_selected_pks_on_model(model)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
