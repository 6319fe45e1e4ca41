"""Every view asks the policy, a refusal helps further, and who is asking costs at most two queries."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, path

from tests.access.people import OTHER_TOWN, TOWN, make_staff, sign_in
from yakuba.access import PUBLIC, Denied, Resource, towns
from yakuba.access.models import AccessEvent
from yakuba.access.policy import book
from yakuba.access.web import NotAsked, address, ask, asks, asks_within


def views(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, object]]:
    for pattern in (resolver or get_resolver("yakuba.site.urls")).url_patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield where, pattern.callback
        else:
            yield from views(pattern, where)


def test_every_view_declares_the_question_it_asks():
    silent = [where for where, view in views() if getattr(view, "asks", None) is None]
    assert not silent, f"decorate with @asks, @asks_within or @open_to_all (yakuba.access.web): {silent}"


def test_every_declared_question_is_an_action_of_the_schema():
    asked = {view.asks: where for where, view in views() if getattr(view, "asks", "")}
    unknown = {action: where for action, where in asked.items() if action not in book().actions}
    assert not unknown


def test_only_views_outside_of_any_town_are_open_to_all():
    inside = [where for where, view in views() if getattr(view, "asks", None) == "" and ":town>" in where]
    assert not inside


def test_a_view_that_forgets_to_ask_does_not_answer():
    @asks_within("case.read")
    def forgetful(request):
        return HttpResponse("secret")

    with pytest.raises(NotAsked, match="forgetful"):
        forgetful(RequestFactory().get("/"))


def test_a_view_asks_about_what_it_loaded():
    @asks_within("case.read")
    def careful(request):
        ask(request, Resource("Case", "c", TOWN, {"applicant": "p"}))
        return HttpResponse("secret")

    request = RequestFactory().get("/")
    request.worker = PUBLIC(TOWN)
    with pytest.raises(Denied):
        careful(request)


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "2001:db8:1:2:aaaa::5", "2001:db8:1:2::/64"),
    ],
)
def test_only_what_our_own_proxies_say_about_an_address_is_believed(settings, proxies, header, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header})
    assert address(request) == expected


# -- a little site with a page that only reviewers may open ------------------------------------------
@asks("entitled.read")
def entitled(request, town):
    return HttpResponse("the list")


@asks("register.read", about=lambda request, town: Resource("Person", "p9", town, {"person": "p9"}))
def person(request, town):
    AccessEvent.objects.create(
        town=town, at="2026-11-24T00:00Z", action="side-effect", outcome="x", worker_id="x", worker_kind="x"
    )
    return HttpResponse("the person")


@asks("case.read", about=lambda request, town: Resource("Case", "c9", town, {"applicant": "p9"}))
def case(request, town):
    return HttpResponse("the case")


def urlpatterns_of_the_little_site():
    from yakuba.site.urls import urlpatterns as real

    return [
        path("<towncode:town>/little/entitled/", entitled),
        path("<towncode:town>/little/person/", person),
        path("<towncode:town>/little/case/", case),
        *real,
    ]


@pytest.fixture
def little_site(settings):
    settings.ROOT_URLCONF = type("Site", (), {"urlpatterns": urlpatterns_of_the_little_site()})


@pytest.mark.django_db
def test_staff_without_the_role_get_a_page_that_names_the_rule(client, time, little_site):
    make_staff("clerk")
    sign_in(client)
    for language, words in [
        ("ja", "審査担当・決裁者・所属長は"),
        ("en", "Reviewers, approvers and managers"),
    ]:
        page = client.get(f"/{TOWN}/little/entitled/?lang={language}")
        assert page.status_code == 403
        assert words in page.content.decode()
        assert "staff-entitled" in page.content.decode()
    with towns.inside(TOWN):
        denied = AccessEvent.objects.filter(outcome="denied")
        assert [(d.action, d.policies) for d in denied] == [("entitled.read", ["staff-entitled"])] * 2


@pytest.mark.django_db
def test_a_visitor_on_a_staff_page_is_sent_to_sign_in_and_back(client, little_site):
    page = client.get(f"/{TOWN}/little/entitled/")
    assert page.status_code == 302
    assert page.url == f"/{TOWN}/staff/sign-in/?next=%2F{TOWN}%2Flittle%2Fentitled%2F"


@pytest.mark.django_db
def test_a_visitor_on_somebodys_case_learns_how_to_sign_in(client, little_site):
    page = client.get(f"/{TOWN}/little/case/")
    assert page.status_code == 403
    assert f"/{TOWN}/sign-in/reference/" in page.content.decode()


@pytest.mark.django_db
def test_a_look_at_a_persons_record_leaves_a_trace(client, time, little_site):
    staff = make_staff("clerk")
    sign_in(client)
    assert client.get(f"/{TOWN}/little/person/").status_code == 200
    with towns.inside(TOWN):
        trace = AccessEvent.objects.get(action="register.read")
    assert (trace.worker_id, trace.resource_id, trace.outcome) == (f"staff:{staff.id}", "p9", "allowed")


@pytest.mark.django_db
def test_which_town_which_session_and_whose_it_is_cost_a_query_each(client, time, little_site):
    make_staff("reviewer")
    sign_in(client)
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert client.get(f"/{TOWN}/little/entitled/").status_code == 200
    asked = [q["sql"] for q in made if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "INSERT"))]
    assert len(asked) == 3, asked


@pytest.mark.django_db
def test_a_page_of_one_town_does_not_answer_for_staff_of_another(client, time, little_site):
    make_staff("reviewer", town=OTHER_TOWN)
    sign_in(client, town=OTHER_TOWN)
    assert client.get(f"/{OTHER_TOWN}/little/entitled/").status_code == 200
    foreign = Client()
    foreign.cookies["yakuba_session"] = client.cookies["yakuba_session"].value
    assert foreign.get(f"/{TOWN}/little/entitled/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["sign-in/", "sign-in/reference/", "staff/sign-in/", "little/case/"])
def test_pages_of_signing_in_carry_the_headers_that_protect_them(client, page, little_site):
    headers = client.get(f"/{TOWN}/{page}").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize("page", ["sign-in/", "sign-in/reference/", "staff/sign-in/"])
def test_each_page_speaks_each_language_and_holds_no_inline_script_or_style(client, page, language):
    html = client.get(f"/{TOWN}/{page}?lang={language}").content.decode()
    assert f'data-lang="{language}"' in html
    assert "style=" not in html
    assert "<script>" not in html


@pytest.mark.django_db
def test_a_form_sent_from_elsewhere_is_refused():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/{TOWN}/staff/sign-in/", {"login": "a", "password": "b"}).status_code == 403
