"""The beginning of a new service: a folder that can be read and tried at once, with marks where a person who knows the
law must still write. `yakuba check` then says of each mark that is left what is missing."""

from __future__ import annotations

import re
from datetime import date

from yakuba.declare.sheet import Sheet
from yakuba.words import Text

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""What a service may be called: the name of its folder and a part of addresses."""
_SERVICE = """\
# {title}. Each TO-DO is for whoever writes this service; docs/add-a-service.md goes through them one by one,
# and `yakuba check {service}` says what is left.
service: {service}
name:
summary:
  # TO-DO: two sentences for residents: what they get, and until when they must ask for it
  ja: この手続の案内を、ここに2文で書きます。
  easy: ここに 説明を 書きます。
  en: Say here in two sentences what this is for.
topics: [welfare]  # TO-DO: child, care, health, welfare, disaster, certificate, moving, tax, home, pet, leisure, work
law: []  # TO-DO: the law or ordinance with its article, such as 見本町手数料条例 第2条
versions: {{from: {since}}}  # TO-DO: the first day on which these rules hold
sign_in: optional
subject: person

facts:
  # TO-DO: what only this service asks; `yakuba facts` lists what every service can ask by name
  {group}.reason:
    type: text
    answer: long_text
    class: personal
    label: {{ja: 申請の理由, easy: 申し込む わけ, en: Reason}}
    question: {{ja: 申請の理由を書いてください。, easy: どうして 申し込みますか。, en: Why do you apply?}}

conditions:
  resident:
    if: applicant.resident
    because: {{ja: この町に住民登録があること, easy: この 町に 住んで いること, en: The applicant is registered as a resident of this town}}
    hint: {{ja: 住民登録のある市町村に申請してください。, easy: 住んで いる 町の 役場に 申し込んで ください。, en: Apply to the municipality where you are registered.}}
    # TO-DO: law: the article that asks for it

decide:
  grant: [resident]

ask:
  - use: applicant
  - page: reason
    title: {{ja: 申請の内容, easy: 申し込みの こと, en: Your request}}
    questions:
      - {{fact: {group}.reason}}

steps:
  - use: decided
  - use: told

appeal: mayor  # TO-DO: to whom one may turn: mayor, governor, care-board, health-board, none

deadlines: {{norm: 10 business days, pause: [returned]}}  # TO-DO: the town's own due time; legal: where the law sets one
disclose: {{partner: [case.reference]}}
keep: {{closed: 5 years, abandoned: 30 days}}
count: {{manual_minutes: 20, source: 実測まえの見積もり。導入前に町で測って置き換える, provisional: true}}
"""
_EXAMPLES = """\
# Worked examples: what comes out for whom, by the law. Each is run by `yakuba check`; a service needs one at least.
# TO-DO: write some, and take the brackets out. One looks like this:
#
# - id: lives-here
#   about: Somebody who is registered here
#   as_of: {since}
#   facts: {{applicant: {{resident: true}}}}
#   expect: {{outcome: granted}}
#   source: 見本町手数料条例 第2条
[]
"""


def files(service: str, name: Text, since: date) -> dict[str, str]:
    """The files of a new service by path below `services/`. `since`: the first day of its rules."""
    said = {"service": service, "title": name.ja, "group": group_of(service), "since": since.isoformat()}
    sheet = Sheet(_SERVICE.format(**said).replace("name:\n", "name: null\n", 1), service)
    sheet.put(("name",), name.model_dump())
    return {
        f"{service}/examples.yaml": _EXAMPLES.format(**said),
        f"{service}/service.yaml": sheet.text,
    }


def group_of(service: str) -> str:
    """The group that facts of a service are named in: `dog-park` asks `dog_park.reason`."""
    return re.sub(r"[^a-z]+", "_", service).strip("_")
