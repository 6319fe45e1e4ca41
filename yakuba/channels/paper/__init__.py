"""Paper: a form to be written on by hand, made from the same declaration as the screens; and which form a scan is."""

from yakuba.channels.paper.printed import VERSION, Form, pdf, together
from yakuba.channels.paper.scanned import Seen, codes, is_too_long, look, page, pages

__all__ = ["VERSION", "Form", "Seen", "codes", "is_too_long", "look", "page", "pages", "pdf", "together"]
