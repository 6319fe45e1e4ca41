"""All addresses. Everything about a town lies below its code."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, register_converter

from yakuba.access.web import open_to_all
from yakuba.channels import api, records_api, support_page
from yakuba.channels.progress.disparity_urls import SITE
from yakuba.register import queries as register
from yakuba.site import views
from yakuba.site.telemetry import views as telemetry


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


class Municipality(TownCode):
    """The code of a town: at a partner's hall nobody applies for anything, so it has no pages for residents."""

    def to_python(self, value: str) -> str:
        if value.startswith(register.PARTNERS):
            raise ValueError(value)
        return super().to_python(value)


register_converter(TownCode, "towncode")
register_converter(Municipality, "municipality")


@open_to_all("it says only that the server answers")
def health(request: HttpRequest) -> HttpResponse:
    """For a load balancer."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("", views.towns, name="towns"),
    path("healthz", health, name="healthz"),
    path("readyz", telemetry.ready, name="readyz"),
    path("metrics", telemetry.metrics, name="metrics"),
    path("progress/", include(SITE)),
    path("<towncode:town>/", include("yakuba.access.urls")),
    path("<towncode:town>/staff/", include("yakuba.channels.desk_urls")),
    path("<towncode:town>/support/", support_page.page, name="support"),
    path("<towncode:town>/support/send/", support_page.send, name="support_send"),
    path("<municipality:town>/api/v1/openapi.json", api.described, name="openapi"),
    path("<municipality:town>/api/v1/", api.urls),
    path("<municipality:town>/api/oauth/token", records_api.token, name="oauth_token"),
    path("<municipality:town>/", include("yakuba.channels.urls")),
]
handler400 = views.unreadable
handler500 = views.broken
