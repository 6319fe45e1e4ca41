"""The API for other systems: the catalogue with its questions, requests handed in once, and how they stand.

Each system has a token (`yakuba clients add`). What it sends is read as what people type is (`channels.answers`), and
becomes a case through the one intake. `POST` takes an `Idempotency-Key`: the same again is the same case.
Errors are problem details (RFC 9457) in the language of the caller. OpenAPI 3.1 at `api/v1/openapi.json`.
"""

# no `from __future__ import annotations`: ninja reads the types of a decorated view where the decorator stands
import binascii
import hashlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import orjson
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from ninja import Field as Described
from ninja import Header, NinjaAPI, Schema, Status
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from yakuba import access, clock
from yakuba.access import Worker, limits
from yakuba.access import queries as clients
from yakuba.access.policy import Denied
from yakuba.access.request import Request
from yakuba.access.web import address, asks, the_town
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import CaseError
from yakuba.cases.log import case_resource
from yakuba.channels import actions, answers
from yakuba.channels.disaster import mode
from yakuba.channels.models import ApiRequest
from yakuba.channels.telling import status_of
from yakuba.declare import Service
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case

Language = Literal["ja", "easy", "en"]
WRONG_TOKENS, WINDOW = 30, timedelta(minutes=10)
"""So many wrong tokens from one address, then it has to wait."""
MOST_LISTED = 100


class Refused(Exception):
    """Nothing was taken in: with this status, for this reason; `fields` by name what is wrong with each."""

    def __init__(self, status: int, text: Text, fields: Mapping[str, Text] | None = None):
        self.status, self.text, self.fields = status, text, fields or {}
        super().__init__(text.en)


class Bearer(HttpBearer):
    """A system is known by its token."""

    def authenticate(self, request: Any, token: str) -> Worker | None:
        found = clients.client_of(token)
        if found is None:
            limits.spend("api-token", address(request), most=WRONG_TOKENS, per=WINDOW, as_of=clock.now())
            return None
        request.worker = found.worker()
        access.require(request.worker, "api.use", the_town(request))
        return request.worker


api = NinjaAPI(
    title="Yakuba", version="1", urls_namespace="api", openapi_url=None, docs_url=None, auth=Bearer(),
    description="Requests to a town hall from other systems.",
)  # fmt: skip


# -- what goes in and out -------------------------------------------------------------------------
class Words(Schema):
    """The same in Japanese, easy Japanese and English."""

    ja: str
    easy: str
    en: str


class Asked(Schema):
    """One question: the name of its fact, what kind of answer it takes, and its words."""

    name: str
    type: str
    each: str | None = Described(None, description="The list to each of whose items it belongs.")
    choices: Mapping[str, Words]
    required: bool
    depends: bool = Described(description="Whether it is asked at all depends on other answers.")
    label: Words
    question: Words


class PaperAsked(Schema):
    """A paper that may be sent with a request."""

    purpose: str
    label: Words
    required: bool
    accept: list[str]
    max_mb: int


class ServiceOut(Schema):
    """A service of the town."""

    id: str
    name: Words
    summary: Words
    law: list[str]
    topics: list[str]


class ServiceDetail(ServiceOut):
    """A service with everything that it asks."""

    version: str
    questions: list[Asked]
    papers: list[PaperAsked]


class PaperIn(Schema):
    """A paper: what it is for, its name, its content in base64."""

    purpose: str
    name: str
    content: str


class RequestIn(Schema):
    """A request: the answers by name, in groups as in the questions (`{"applicant": {"name": …}, "children": [{…}]}`)."""

    language: Language = "ja"
    facts: dict[str, Any]
    papers: tuple[PaperIn, ...] = ()


class AnswerIn(Schema):
    """What was asked for after a request came in."""

    facts: dict[str, Any]


class StatusOut(Schema):
    """How a request stands. Times are ISO 8601 with offset; `asks`: what is missing, when it came back; `sequence` grows
    with everything that happens."""

    reference: str
    service: str
    state: str
    outcome: str | None
    amount: int | None
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    steps: list[str]
    asks: list[str]
    message: str
    sequence: int


class Problem(Schema):
    """What is wrong (RFC 9457); `fields`: by name what is wrong with each."""

    type: str = "about:blank"
    title: str
    status: int
    fields: dict[str, str]


PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem}


# -- the catalogue -----------------------------------------------------------------------------------
@api.get("services", response={200: list[ServiceOut], 401: Problem, 429: Problem})
@asks("service.read")
def services(request: Request) -> Any:
    """What can be asked of this town."""
    now = clock.now()
    offered = catalogue.offered().values()
    return [_brief(service) for service in offered if mode.not_now(service, now) is None]


@api.get("services/{service}", response={200: ServiceDetail, **PROBLEMS})
@asks("service.read")
def service(request: Request, service: str) -> Any:
    """One service with its questions."""
    found = _service(service)
    questions, papers = list[dict[str, Any]](), list[dict[str, Any]]()
    for page in found.pages:
        for one in page.questions:
            depends = bool(page.if_ or one.if_)
            fact = found.fact_asked(page, one)
            if fact is None:
                label = (one.label or Text.same(one.file or "")).model_dump()
                kinds = {"accept": list(one.accept), "max_mb": one.max_mb}
                papers.append({"purpose": one.file, "label": label, "required": one.required, **kinds})
                continue
            questions.append(
                {
                    "name": one.fact,
                    "type": fact.type,
                    "each": page.each,
                    "choices": {name: words.model_dump() for name, words in answers.choices_of(fact).items()},
                    "required": one.required,
                    "depends": depends,
                    "label": fact.label.model_dump(),
                    "question": (fact.question or fact.label).model_dump(),
                }
            )
    return _brief(found) | {"version": found.version, "questions": questions, "papers": papers}


def _brief(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name.model_dump(),
        "summary": service.summary.model_dump(),
        "law": service.law,
        "topics": list(service.topics),
    }


def _service(name: str) -> Service:
    found = catalogue.offered().get(name)
    if found is None:
        raise Refused(404, ui_text("api.no_service").format(name=name))
    if why := mode.not_now(found, clock.now()):
        raise Refused(409, why)
    return found


# -- requests ------------------------------------------------------------------------------------------
@api.post("services/{service}/requests", response={201: StatusOut, **PROBLEMS})
@asks("form.answer")
def hand_in(
    request: Request,
    service: str,
    body: RequestIn,
    key: str = Header("", alias="Idempotency-Key"),
) -> Any:
    """Hand a request in. Sent again with the same key it is the same request; nobody is asked twice."""
    declared = _service(service)
    if not 1 <= len(key) <= 100:
        raise Refused(400, ui_text("api.no_key"))
    digest = hashlib.sha256(
        orjson.dumps([service, body.model_dump()], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()
    taken = take_in(declared, body, by=request.worker, key=key, digest=digest, as_of=clock.now())
    return Status(201, _status(request, case_queries.one(taken.case)))


def take_in(
    service: Service, body: RequestIn, *, by: Worker, key: str, digest: str, as_of: datetime
) -> ApiRequest:
    """A request of another system becomes a case, once. Raises Refused with everything that is wrong with it."""
    client = by.id.removeprefix("client:")
    access.towns.alone_with(f"api:{client}:{key}")
    known = ApiRequest.objects.filter(client=client, key=key).first()
    if known is not None:
        if known.digest != digest:
            raise Refused(409, ui_text("api.another_body"))
        return known
    said, wrong = answers.checked(service, body.facts)
    if wrong:
        raise Refused(422, ui_text("api.wrong"), wrong)
    with transaction.atomic():
        wanted = actions.Request(
            service, said, channel="api", by=by, at=as_of, key=f"api:{client}:{key}", language=body.language,
            files=_papers(service, body, as_of),
        )  # fmt: skip
        if wrong := wanted.form().wanting():
            raise Refused(422, ui_text("api.wrong"), wrong)
        (opened,) = actions.intake_many([wanted])
        assert not isinstance(opened, actions.Incomplete)  # nothing is wanting
        return ApiRequest.objects.create(
            town=by.town, client=client, key=key, digest=digest, case=opened, at=as_of
        )


def _papers(service: Service, body: RequestIn, as_of: datetime) -> dict[str, list[actions.Paper]]:
    """The papers, checked as uploads are. Raises Refused."""
    asked = {q.file: q for page in service.pages for q in page.questions if q.file}
    kept: dict[str, list[actions.Paper]] = {}
    for number, one in enumerate(body.papers):
        where, question = f"papers[{number}]", asked.get(one.purpose)
        if question is None:
            unknown = ui_text("api.unknown").format(name=one.purpose)
            raise Refused(422, ui_text("api.wrong"), {where: unknown})
        try:
            content = b64decode(one.content, validate=True)
            document = actions.stored(question, content, one.name, as_of=as_of)
        except binascii.Error as error:
            raise Refused(422, ui_text("api.wrong"), {where: ui_text("api.not_base64")}) from error
        except documents.Refused as refused:
            raise Refused(422, ui_text("api.wrong"), {where: refused.text}) from refused
        kept.setdefault(one.purpose, []).append(actions.Paper(document.id, document.name))
    return kept


@api.get("requests", response={200: list[StatusOut], **PROBLEMS})
@asks("service.read")
def requests(request: Request, after: str = "", limit: int = MOST_LISTED) -> Any:
    """The requests that this system handed in, the oldest first; `after`: only those after this reference."""
    mine = ApiRequest.objects.filter(client=_client(request)).order_by("at", "id")
    if after and (last := case_queries.by_reference(after)):
        since = mine.filter(case=last.id).first()
        mine = mine.filter(at__gt=since.at) if since else mine.none()
    listed = [one.case for one in mine[: max(1, min(limit, MOST_LISTED))]]
    found = case_queries.some(listed)
    return [_status(request, found[case]) for case in listed]


@api.get("requests/{reference}", response={200: StatusOut, **PROBLEMS})
@asks("service.read")
def status(request: Request, reference: str) -> Any:
    """How a request stands."""
    return _status(request, _mine(request, reference))


@api.post("requests/{reference}/answer", response={200: StatusOut, **PROBLEMS})
@asks("service.read")
def answer(request: Request, reference: str, body: AnswerIn) -> Any:
    """Answer what was asked for after the request came in (補正)."""
    case = _mine(request, reference)
    said, wrong = answers.checked(case_queries.service_of(case), body.facts)
    if wrong:
        raise Refused(422, ui_text("api.wrong"), wrong)
    cases.answer(case.id, said, by=_about(request, case), as_of=clock.now())
    return _status(request, case_queries.one(case.id))


@api.post("requests/{reference}/withdraw", response={200: StatusOut, **PROBLEMS})
@asks("service.read")
def withdraw(request: Request, reference: str) -> Any:
    """Take a request back (取下げ)."""
    case = _mine(request, reference)
    cases.withdraw(case.id, by=_about(request, case), as_of=clock.now())
    return _status(request, case_queries.one(case.id))


def _client(request: Request) -> str:
    return request.worker.id.removeprefix("client:")


def _mine(request: Request, reference: str) -> "Case":
    """A request that this system handed in. Raises Refused: of any other it learns nothing, not that there is one."""
    case = case_queries.by_reference(reference)
    if case is None or not ApiRequest.objects.filter(client=_client(request), case=case.id).exists():
        raise Refused(404, ui_text("api.not_found"))
    return case


def _about(request: Request, case: "Case") -> Worker:
    """The system, as it speaks about one of its cases."""
    return replace(request.worker, reference=case.reference)


def _status(request: Request, case: "Case") -> dict[str, Any]:
    state = case_queries.state(case)
    access.require(_about(request, case), "status.read", case_resource(case.id, state, request.town))
    return status_of(case)


# -- errors ---------------------------------------------------------------------------------------------
def _problem(request: Any, status: int, text: Text, fields: Mapping[str, Text] | None = None) -> HttpResponse:
    language = request.language
    said = {
        "type": "about:blank",
        "title": text.get(language),
        "status": status,
        "fields": {name: one.get(language) for name, one in (fields or {}).items()},
    }
    response = JsonResponse(
        said,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
    if status != 401:  # a wrong token is counted
        transaction.set_rollback(True)  # half of a request is no request
    return response


@api.exception_handler(Refused)
def refused(request: Any, error: Refused) -> HttpResponse:
    """What the caller can mend."""
    return _problem(request, error.status, error.text, error.fields)


@api.exception_handler(AuthenticationError)
def unknown(request: Any, error: AuthenticationError) -> HttpResponse:
    """No token, or one that opens nothing (RFC 6750, section 3)."""
    response = _problem(request, 401, ui_text("api.no_token"))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(CaseError)
def impossible(request: Any, error: CaseError) -> HttpResponse:
    """What the case does not allow now."""
    return _problem(request, 409, error.text)


@api.exception_handler(Denied)
def denied(request: Any, error: Denied) -> HttpResponse:
    """What the policy does not allow; it leaves a trace as everywhere."""
    request.denied = error
    return _problem(request, 403, Text.same(error.message(request.language)))


@api.exception_handler(limits.TooMany)
def too_many(request: Any, error: limits.TooMany) -> HttpResponse:
    """Too many tries."""
    text = ui_text("api.too_many").format(until=f"{clock.in_tokyo(error.until):%H:%M}")
    response = _problem(request, 429, text)
    response["Retry-After"] = str(max(1, int((error.until - clock.now()).total_seconds())))
    return response


@api.exception_handler(ValidationError)
def unreadable(request: Any, error: ValidationError) -> HttpResponse:
    """A body or an address that is not as described."""
    fields = {
        ".".join(str(part) for part in one["loc"][1:]) or "body": Text.same(one["msg"] or "?")
        for one in error.errors
    }
    return _problem(request, 422, ui_text("api.wrong"), fields)


@asks("service.read")
def described(request: Request, town: str) -> HttpResponse:
    """The OpenAPI description, with this town's address."""
    schema = api.get_openapi_schema(path_prefix=f"/{town}/api/v1/")
    flows = schema["components"]["securitySchemes"]["AccessToken"]["flows"]
    flows["clientCredentials"]["tokenUrl"] = f"/{town}/api/oauth/token"
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, said in operation["responses"].items():
                if int(status) >= 400:
                    said["content"] = {"application/problem+json": said["content"]["application/json"]}
    return JsonResponse(schema)


api.add_router("records", "yakuba.channels.records_api.router")  # by its name: it imports what stands above
api.add_router("talks", "yakuba.channels.chat_api.router")
urls = api.urls
for _pattern in urls[0]:
    setattr(_pattern.callback, "asks", "api.use")  # noqa: B010  (what `Bearer` asks, before any view is reached)
