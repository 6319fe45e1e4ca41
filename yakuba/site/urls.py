"""All addresses. Everything about a town lies below its code."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, register_converter

from yakuba.access.web import open_to_all
from yakuba.site import views


class TownCode:
    """An official 6-digit code; whether such a town is here is decided by its page."""

    regex = r"\d{6}"

    def to_python(self, value: str) -> str:
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
