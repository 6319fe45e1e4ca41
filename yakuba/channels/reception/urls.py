"""Addresses of the counter without writing."""

from __future__ import annotations

from django.urls import URLPattern, path

from yakuba.channels.reception import desk, display, mobile

EVERYBODY: list[URLPattern] = [path("tickets/", display.tickets, name="tickets")]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = [
    path("reception/", desk.reception, name="reception"),
    path("reception/ticket/", desk.ticket, name="reception_ticket"),
    path("reception/desk/", desk.stand_at, name="reception_desk"),
    path("reception/mobile/", mobile.mobile, name="mobile"),
    path("reception/mobile/<int:year>/<int:month>/<int:day>/", mobile.agenda, name="agenda"),
    path("reception/mobile/<int:year>/<int:month>/<int:day>/pack/", mobile.make_pack, name="agenda_pack"),
    path("reception/<uuid:case>/", desk.visit, name="visit_to_counter"),
    path("reception/<uuid:case>/do/", desk.act, name="reception_act"),
    path("reception/<uuid:case>/person/", desk.person, name="reception_person"),
    path("reception/<uuid:case>/first/", desk.first, name="reception_first"),
    path("reception/<uuid:case>/choose/", desk.choose, name="reception_choose"),
    path("reception/<uuid:case>/check/", desk.check, name="reception_check"),
    path("reception/<uuid:case>/forms.pdf", desk.forms, name="reception_forms"),
    path("reception/<uuid:case>/ask/<slug:service>/<str:key>/", desk.ask, name="reception_ask"),
]
"""Addresses of the desk, below `/{town}/staff/`."""
