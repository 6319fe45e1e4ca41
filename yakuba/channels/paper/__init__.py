"""Paper: a form to be written on by hand, made from the same declaration as the screens; and which form a scan is."""

from yakuba.channels.paper.printed import VERSION, Form, pdf, together
from yakuba.channels.paper.scanned import Seen, codes, form_of, is_too_long, look, page, page_count, pages

__all__ = [
    "VERSION", "Form", "Seen", "codes", "form_of", "is_too_long", "look", "page", "page_count", "pages", "pdf", "together",
]  # fmt: skip
