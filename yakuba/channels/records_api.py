"""The town's standard data for other systems: read page by page as one state, or what changed since a number.

Each system has scopes (`yakuba clients add --scope`); it gets a token at `api/oauth/token`. Items that are guarded (My Number,
accounts, health) are left out unless a scope says that they are disclosed.
"""

# no `from __future__ import annotations`: ninja reads the types of a decorated view where the decorator stands
import hashlib
import json
from datetime import timedelta
from typing import Annotated, Any, Literal

from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ninja import Header, Query, Router, Schema
from ninja.security.base import AuthBase

from yakuba import access, clock
from yakuba.access import client_tokens, limits
from yakuba.access.request import Request
from yakuba.access.web import address, asks
from yakuba.channels.api import PROBLEMS, WINDOW, WRONG_TOKENS, Refused
from yakuba.records import giving
from yakuba.records.giving import Given
from yakuba.records.guarding import guard_of
from yakuba.records.standards import Definition, Item
from yakuba.words import ui_text

MOST = 1000
"""Records of one page."""
MOST_READS, PER = 600, timedelta(minutes=1)
"""So many pages a system may read in that time: some 600,000 records a minute."""
DISCLOSES = {"my_number": "disclose:my-number", "bank": "disclose:bank", "health": "disclose:health"}
"""By the guard of an item, the scope that discloses it."""


class AccessToken(AuthBase):
    """A system is known by the token that it got for its credentials."""

    openapi_type = "oauth2"
    openapi_flows = {"clientCredentials": {"tokenUrl": "", "scopes": {}}}  # noqa: RUF012  (read by ninja, of instances)

    def __call__(self, request: Any) -> access.Worker | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        worker = client_tokens.worker_of(token.strip()) if kind.lower() == "bearer" else None
        if worker is None:
            limits.spend("api-token", address(request), most=WRONG_TOKENS, per=WINDOW, as_of=clock.now())
            return None
        limits.spend("records-read", worker.id, most=MOST_READS, per=PER, as_of=clock.now())
        request.worker = worker
        return worker


router = Router(auth=AccessToken(), tags=["records"])


@csrf_exempt
@require_POST
@asks("api.token")
def token(request: Request, town: str) -> HttpResponse:
    """A token for the credentials of a system."""
    answer = client_tokens.issue(request)
    if answer.status_code >= 400:
        limits.spend("api-token", address(request), most=WRONG_TOKENS, per=WINDOW, as_of=clock.now())
    return answer


# -- what goes out -----------------------------------------------------------------------------------
class ItemOut(Schema):
    """An item of the national standard: its 8-digit id, its names, how it is written."""

    id: str
    name: str
    romaji: str
    type: str
    key: bool
    code: str | None


class GroupOut(Schema):
    """A group that this token may read, with the items that are given."""

    standard: str
    version: str
    provisional: bool
    group: str
    sequence: int
    items: list[ItemOut]
    left_out: list[str]


class RecordOut(Schema):
    """A record: the values of its key, and of its items by romaji name, as the standard writes them; an item without a value
    is absent. `sequence`: since when it is so. `change`: where changes are asked for, `new`, `changed`, or `gone` (then there
    are no values)."""

    key: list[str]
    sequence: int
    change: Literal["new", "changed", "gone"] | None
    values: dict[str, str] | None


class RecordsOut(Schema):
    """A page of the records of a group. `sequence`: the state that it shows, to be given as `since` the next time. `next`: the
    cursor of the next page, which shows the same state. `left_out`: items that this token does not disclose."""

    standard: str
    version: str
    group: str
    sequence: int
    left_out: list[str]
    records: list[RecordOut]
    next: str | None


# -- reading -----------------------------------------------------------------------------------------
@router.get("", response={200: list[GroupOut], **PROBLEMS})
@asks("api.use")
def groups(request: Request) -> Any:
    """The groups of standard data that this token may read."""
    return [
        _group(request, definition, group)
        for standard in giving.standards()
        if (definition := giving.in_use(standard)) is not None
        for group in definition.groups()
        if access.may(request.worker, giving.READ, giving.resource(standard, group))
    ]


def _group(request: Request, definition: Definition, group: str) -> dict[str, Any]:
    items, left_out = _disclosed(request, definition, group)
    return {
        "standard": definition.id,
        "version": definition.version,
        "provisional": definition.provisional,
        "group": group,
        "sequence": giving.last(definition.id),
        "items": [
            {
                "id": one.id,
                "name": one.name,
                "romaji": one.romaji,
                "type": one.type,
                "key": one.key,
                "code": one.code,
            }
            for one in items
        ],
        "left_out": left_out,
    }


def _about(request: Request, standard: str, group: str, **_: Any) -> access.Resource:
    return giving.resource(standard, group)


@router.get("{standard}/{group}", response={200: RecordsOut, 304: None, **PROBLEMS})
@asks(giving.READ, about=_about)
def records(
    request: Request,
    standard: str,
    group: str,
    since: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    if_none_match: str = Header("", alias="If-None-Match"),
) -> Any:
    """The records of a group as they are now; with `since`, what changed after that number. The next page is asked for with
    `cursor`, and shows the same state."""
    definition = _definition(standard, group)
    last = giving.last(standard)
    if since is not None and since > last:
        raise Refused(409, ui_text("records_api.ahead").format(last=last))
    at, after = _place(standard, group, since, cursor) or (last, giving.FIRST)
    items, left_out = _disclosed(request, definition, group)
    tag = _tag(definition.version, group, since, at, after, limit, left_out)
    if tag in if_none_match:
        return HttpResponse(status=304, headers={"ETag": tag})
    giving.trace(request.worker, standard, group, as_of=clock.now())
    found = _read(standard, group, since, at, after, limit + 1)
    more = len(found) > limit
    shown = {
        "standard": standard,
        "version": definition.version,
        "group": group,
        "sequence": at,
        "left_out": left_out,
        "records": [_record(one, [item.romaji for item in items]) for one in found[:limit]],
        "next": _cursor(standard, group, since, at, found[limit - 1].key) if more else None,
    }
    return JsonResponse(shown, headers={"ETag": tag}, json_dumps_params={"ensure_ascii": False})


def _definition(standard: str, group: str) -> Definition:
    """Raises Refused: nothing is current of it, or it has no such group."""
    definition = giving.in_use(standard)
    if definition is None or group not in definition.groups():
        raise Refused(404, ui_text("records_api.nothing").format(what=f"{standard}/{group}"))
    return definition


def _disclosed(request: Request, definition: Definition, group: str) -> tuple[list[Item], list[str]]:
    """The items that this token discloses, and the names of the others."""
    items, left_out = [], []
    for one in definition.groups()[group]:
        guard = guard_of(definition, one)
        if guard is None or DISCLOSES[guard] in request.worker.scopes:
            items.append(one)
        else:
            left_out.append(one.romaji)
    return items, left_out


def _read(standard: str, group: str, since: int | None, at: int, after: str, most: int) -> list[Given]:
    if since is None:
        return giving.page(standard, group, at=at, after=after, most=most)
    return giving.changes(standard, group, since=since, at=at, after=after, most=most)


def _record(one: Given, names: list[str]) -> dict[str, Any]:
    values = one.values
    return {
        "key": json.loads(one.key),
        "sequence": one.sequence,
        "change": one.change,
        "values": None if values is None else {name: values[name] for name in names if name in values},
    }


# -- paging ------------------------------------------------------------------------------------------
def _salt(standard: str, group: str, since: int | None) -> str:
    return f"yakuba.channels.records_api:{standard}/{group}:{since}"


def _cursor(standard: str, group: str, since: int | None, at: int, after: str) -> str:
    """Where the next page begins; signed, so that nobody reads a state that they were not given."""
    return signing.dumps([at, after], salt=_salt(standard, group, since))


def _place(standard: str, group: str, since: int | None, cursor: str) -> tuple[int, str] | None:
    if not cursor:
        return None
    try:
        at, after = signing.loads(cursor, salt=_salt(standard, group, since))
    except signing.BadSignature as error:
        raise Refused(409, ui_text("records_api.bad_cursor")) from error
    return int(at), str(after)


def _tag(*what: Any) -> str:
    """The same answer has the same tag: a state does not change, and a token of other scopes leaves out other items."""
    return f'"{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]}"'
