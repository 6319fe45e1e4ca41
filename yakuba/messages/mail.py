"""Mail as a carrier: plain text by SMTP, as `YAKUBA_SMTP_URL` says."""

from __future__ import annotations

import re
import smtplib

from django.core.mail import EmailMessage, get_connection

from yakuba.messages.errors import TryAgain, Undeliverable

LONGEST = 254
"""Characters of an address (RFC 5321 §4.5.3.1.3, less the two angle brackets)."""
_LOCAL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
)  # RFC 5322 §3.2.3, with dots anywhere: see `can_reach`
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")


def can_reach(address: str) -> bool:
    """Whether mail can be addressed so: to one mailbox, in ASCII, at a domain that may be Japanese (RFC 5321 §4.1.2).

    Dots may stand together or at the end: mobile carriers gave out such addresses, and their servers take them.

    >>> can_reach("hanako..y.@docomo.ne.jp"), can_reach("hanako@役場.jp"), can_reach("花子@example.jp")
    (True, True, False)
    """
    if len(address) > LONGEST:
        return False
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        return False
    return bool(_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain))


def send(subject: str, body: str, to: str, *, message_id: str) -> None:
    """Hand one mail to the server. The same `message_id` lets a receiver see a repetition.

    Raises TryAgain; Undeliverable for a 5xx answer (RFC 5321 §4.2.1) or an address that is none.
    """
    if not can_reach(to):
        raise Undeliverable(f"no mail can be addressed so: {to!r}")
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
    except ValueError as error:  # no header can be made of the subject
        raise Undeliverable(str(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryAgain(str(error)) from error
