"""Mail as a carrier: plain text by SMTP, as `YAKUBA_SMTP_URL` says."""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMessage, get_connection


class TryAgain(Exception):
    """The server cannot take it now; the same mail may go through later."""


class Undeliverable(Exception):
    """This mail will never be delivered: the server says so (a 5xx answer, RFC 5321 §4.2.1), or the address is none."""


def send(subject: str, body: str, to: str, *, message_id: str) -> None:
    """Hand one mail to the server. The same `message_id` lets a receiver see a repetition.

    Raises TryAgain, Undeliverable.
    """
    mail = EmailMessage(
        subject, body, to=[to], headers={"Message-ID": f"<{message_id}@yakuba>"}, connection=get_connection()
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (Undeliverable if all(code >= 500 for code in codes) else TryAgain)(str(error)) from error
    except smtplib.SMTPResponseException as error:
        raise (Undeliverable if error.smtp_code >= 500 else TryAgain)(str(error)) from error
    except ValueError as error:  # no header can be made of the address
        raise Undeliverable(str(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryAgain(str(error)) from error
