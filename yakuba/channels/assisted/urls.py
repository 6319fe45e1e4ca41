"""Addresses of helpers, lessons and home visits."""

from __future__ import annotations

from django.urls import URLPattern, path

from yakuba.channels.assisted import desk, helping, materials, together

EVERYBODY: list[URLPattern] = [
    path("together/<uuid:draft>/", together.page, name="together"),
    path("together/<uuid:draft>/invite/", together.invite, name="together_invite"),
    path("together/<uuid:draft>/show/", together.show, name="together_show"),
    path("together/<uuid:draft>/confirm/", together.confirm, name="together_confirm"),
    path("together/<uuid:draft>/end/", together.end, name="together_end"),
    path("helper/", helping.home, name="helper_home"),
    path("helper/lesson/", helping.lesson, name="helper_lesson"),
    path("helper/for/<uuid:case>/", helping.begin, name="helper_begin"),
    path("sheets/", materials.sheets, name="sheets"),
    path("sheets/<slug:sheet>/", materials.sheet, name="sheet"),
    path("helper/<uuid:help>/", helping.helping, name="helping"),
    path("helper/<uuid:help>/leave/", helping.leave, name="helping_leave"),
    path("helper/<uuid:help>/send/", helping.send, name="helping_send"),
    path("helper/<uuid:help>/<str:key>/", helping.screen, name="helping_screen"),
]
"""Addresses for residents, below `/{town}/`."""
DESK: list[URLPattern] = [
    path("helpers/", desk.helpers, name="helpers"),
    path("helpers/lesson/", desk.arrange, name="helpers_arrange"),
    path("helpers/lesson/another/", desk.look_for_another, name="helpers_another"),
    path("helpers/take-off/", desk.take_off, name="helpers_take_off"),
]
"""Addresses of the desk, below `/{town}/staff/`."""
