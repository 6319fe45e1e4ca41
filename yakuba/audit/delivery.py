"""Checkpoints leave the server: into a folder that is elsewhere, and to people who keep them (`YAKUBA_CHECKPOINT_…`)."""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.mail import EmailMessage

from yakuba.cases import outside

logger = logging.getLogger(__name__)


def daily(town: str, *, as_of: datetime) -> dict[str, Any]:
    """Make the day's checkpoint of a town and send it where the settings say. One way that fails does not stop the other."""
    file = outside.make(town, as_of=as_of)
    if settings.YAKUBA_CHECKPOINT_FOLDER:
        _put(file, Path(settings.YAKUBA_CHECKPOINT_FOLDER))
    if settings.YAKUBA_CHECKPOINT_MAIL:
        _mail(file)
    return file


def _put(file: dict[str, Any], folder: Path) -> None:
    try:
        outside.write(file, folder / outside.name(file))
    except OSError:
        logger.exception("the checkpoint of %s could not be put into %s", file["says"]["town"], folder)


def _mail(file: dict[str, Any]) -> None:
    """The mail says what can be compared over the telephone; the file itself is attached."""
    says = file["says"]
    body = (
        f"Checkpoint of town {says['town']} at {says['at']}\n\n"
        f"case log: {says['cases']['count']} cases, {says['cases']['events']} events\n  {says['cases']['digest']}\n"
        f"access log: {says['access']['events']} rows in {says['access']['seals']} links\n  {says['access']['hash']}\n"
        f"signature: {file['signature']}\nkey: {file['fingerprint']}\n\n"
        "Keep this mail where the administrators of the server cannot change it.\n"
    )
    mail = EmailMessage(
        f"Yakuba checkpoint {says['town']} {says['at'][:16]}", body, to=settings.YAKUBA_CHECKPOINT_MAIL
    )
    mail.attach(outside.name(file), orjson.dumps(file), "application/json")
    try:
        mail.send()
    except (OSError, smtplib.SMTPException):
        logger.exception("the checkpoint of %s could not be sent by mail", says["town"])
