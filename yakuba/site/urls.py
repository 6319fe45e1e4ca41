"""All addresses. Everything about a town lies below its code."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, register_converter

from yakuba.access.web import open_to_all
from yakuba.register import queries as register
from yakuba.site import views


class TownCode:
    """The official 6-digit code of a town that is served here: of any other there is no page.

    Who was served once is: towns come to a running site and do not leave it, so nobody is asked twice.
    """

    regex = "[0-9]{6}"
    known: ClassVar[set[str]] = set()

    def to_python(self, value: str) -> str:
        if value not in self.known:
            if register.town(value) is None:
                raise ValueError(value)
            self.known.add(value)
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TownCode, "towncode")


@open_to_all("it says only that the server answers")
def health(request: HttpRequest) -> HttpResponse:
    """For a load balancer."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("", views.towns, name="towns"),
    path("healthz", health),
    path("<towncode:town>/", include("yakuba.access.urls")),
    path("<towncode:town>/staff/", include("yakuba.channels.desk_urls")),
    path("<towncode:town>/", include("yakuba.channels.urls")),
]
handler400 = views.unreadable
handler500 = views.broken
