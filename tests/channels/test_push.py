"""The town asks first: everybody entitled gets a case and a letter, answers in a minute, is reminded, and paid once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.channels.browser import Visitor, day
from tests.conftest import TOWN
from yakuba.access import SYSTEM, Denied, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs, verify
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import OtherThanSeen
from yakuba.cases.models import Case
from yakuba.channels import push
from yakuba.clock import TOKYO
from yakuba.messages import printing
from yakuba.messages.models import Message
from yakuba.money.models import Payment
from yakuba.register import actions as register
from yakuba.register.models import BankAccount, Person

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 15)
AT = datetime(2026, 10, 15, 9, tzinfo=TOKYO)
CLERK = Worker("staff", "staff:c", TOWN, "窓口", frozenset({"clerk", "reviewer"}), strength=2)
MANAGER = Worker("staff", "staff:m", TOWN, "課長", frozenset({"manager"}), strength=2)
ACCOUNT = {
    "account.bank": "0001", "account.branch": "001", "account.type": "1", "account.number": "7654321",
    "account.holder": "ヤマダ タロウ",
}  # fmt: skip


@pytest.fixture
def benefit():
    return catalogue.service("one-off-benefit")


@pytest.fixture
def people(db) -> Iterator[None]:
    """A small synthetic town."""
    register.create_town(TOWN, 150, 1, as_of=DAY)
    return


@pytest.fixture
def asked(people, benefit, monkeypatch) -> push.Report:
    """Everybody of it was asked at nine on the base date; the pages live on that day."""
    monkeypatch.setattr("yakuba.clock.now", lambda: AT + timedelta(hours=1))
    return push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT, batch=7)


def pushed(*, account: bool = True) -> Case:
    """One of the cases, of somebody whose account is known, or not."""
    with towns.inside(TOWN):
        known = BankAccount.objects.values("person_id")
        found = Case.objects.filter(channel="push", service="one-off-benefit", state="open").order_by("id")
        return (found.filter(applicant__in=known) if account else found.exclude(applicant__in=known))[0]


def again(case: Case) -> Case:
    with towns.inside(TOWN):
        return Case.objects.get(id=case.id)


def step(case: Case, name: str) -> tuple[str, str | None]:
    with towns.inside(TOWN):
        task = case.tasks.get(step=name)
        return task.status, task.outcome


def by_letter(case: Case) -> Visitor:
    """The browser of who scanned the code of a letter and gave the birth date."""
    with towns.inside(TOWN):
        born = Person.objects.get(id=case.applicant).birth_date
    browser = Visitor(Client())
    browser.open(f"confirm/?reference={case.reference}")
    browser.send(
        to=f"/{TOWN}/confirm/", reference=case.reference,
        **day("applicant.birth_date", "western", str(born.year), str(born.month), str(born.day)),
    )  # fmt: skip
    return browser


def counts() -> case_queries.Answers:
    with towns.inside(TOWN):
        (one,) = push.campaigns()
        return one


# -- who is asked --------------------------------------------------------------------------------------
def test_a_dry_run_says_how_many_and_why_others_not_and_asks_nobody(people, benefit):
    with towns.inside(TOWN):
        seen = push.survey(benefit, as_of=DAY)
        assert Case.objects.count() == 0
    assert seen.sure > 10
    assert seen.perhaps == 0
    assert seen.fails == {"exempt": seen.looked_at - seen.sure}
    assert 0 < seen.accounts < seen.sure
    assert seen.yen >= 30_000 * seen.sure
    assert seen.until == date(2027, 9, 30)


def test_what_the_register_does_not_know_is_perhaps_and_is_not_asked(people, benefit):
    with towns.inside(TOWN):
        before = push.survey(benefit, as_of=DAY)
        one = push.Judged(benefit, as_of=DAY, assumed=push.pushing.assumed(benefit.push))
        person = one.rows(one.sure)[0].person
        Person.objects.get(id=person).taxations.all().delete()
        after = push.survey(benefit, as_of=DAY)
    assert (after.sure, after.perhaps, after.unknown) == (before.sure - 1, 1, {"exempt": 1})
    assert after.checksum != before.checksum


def test_everybody_entitled_gets_one_case_and_one_letter(asked, benefit):
    with towns.inside(TOWN):
        opened = Case.objects.filter(service="one-off-benefit")
        told = Message.objects.filter(template="asked")
        assert {case.state for case in opened} == {"open"}
        assert asked.opened == asked.asked == asked.letters == opened.count() == told.count() > 10
        assert set(told.values_list("case", flat=True)) == set(opened.values_list("id", flat=True))
        assert asked.accounts == BankAccount.objects.filter(person__in=opened.values("applicant")).count()
        assert verify.verify(TOWN)[2] == []


def test_run_again_it_asks_nobody_twice(asked, benefit):
    second = push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT + timedelta(days=1))
    assert (second.opened, second.letters, second.asked) == (0, 0, asked.asked)
    assert (second.campaign, second.reference) == (asked.campaign, asked.reference)


def test_a_letter_written_before_nine_in_the_morning_is_of_that_day_in_japan(people, benefit, monkeypatch):
    written, ask_many = [], push.messages.ask_many

    def noted(news, **more):
        written.extend(news)
        return ask_many(news, **more)

    monkeypatch.setattr(push.messages, "ask_many", noted)
    push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT.replace(hour=7))
    with towns.inside(TOWN):
        known = case_queries.state(Case.objects.get(id=written[0].case))
    assert written[0].state.opened_at == known.opened_at == "2026-10-15T07:00:00+09:00"


def test_a_run_that_ended_in_the_middle_is_finished_by_the_next(people, benefit, monkeypatch):
    real, batches = push.messages.ask_many, []

    def fail_at_the_third(*given, **more):
        batches.append(1)
        if len(batches) == 3:
            raise RuntimeError("no light")
        return real(*given, **more)

    monkeypatch.setattr(push.messages, "ask_many", fail_at_the_third)
    with pytest.raises(RuntimeError):
        push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT, batch=3)
    with towns.inside(TOWN):
        assert Case.objects.filter(channel="push", service="one-off-benefit").count() == 6
        assert case_queries.waiting_counts()[0]["step"] == "ask"
    rest = push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT + timedelta(hours=2), batch=3)
    assert rest.opened == rest.letters == rest.asked - 6
    assert counts().asked == rest.asked
    with towns.inside(TOWN):
        assert case_queries.waiting_counts()[0]["step"] == "close"


def test_what_is_not_what_the_dry_run_showed_is_not_asked(people, benefit):
    with towns.inside(TOWN):
        seen = push.survey(benefit, as_of=DAY).checksum
        BankAccount.objects.all().delete()
        Person.objects.filter(relation="head").update(died_on=DAY)
    with pytest.raises(OtherThanSeen):
        push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT, seen=seen)
    with towns.inside(TOWN):
        assert Case.objects.count() == 0


def test_what_is_not_declared_or_over_cannot_be_pushed(people, benefit):
    with towns.inside(TOWN):
        with pytest.raises(push.NotPushed, match="push:"):
            push.survey(catalogue.service("child-allowance"), as_of=DAY)
        with pytest.raises(push.NotPushed, match="over"):
            push.survey(benefit, as_of=date(2026, 9, 1))


def test_only_managers_and_the_system_begin_it(people, benefit):
    with pytest.raises(Denied):
        push.run(TOWN, benefit, base=DAY, by=CLERK, as_of=AT)
    assert push.run(TOWN, benefit, base=DAY, by=MANAGER, as_of=AT).opened > 0


def test_who_gave_a_mail_address_before_is_asked_by_mail_with_a_link(people, benefit):
    with towns.inside(TOWN):
        judged = push.Judged(benefit, as_of=DAY, assumed=push.pushing.assumed(benefit.push))
        person = judged.rows(judged.sure)[0].person
        facts = {"applicant": {"name": "見本", "email": "taro@example.jp"}}
        for_dog = catalogue.service("dog-death")
        cases.open_case(
            for_dog, facts, channel="web", by=SYSTEM(TOWN), as_of=AT, key="dog", applicant=person,
            identified=True, language="en",
        )  # fmt: skip
    report = push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT)
    assert (report.mails, report.letters) == (1, report.opened - 1)
    with towns.inside(TOWN):
        mail = Message.objects.get(carrier="mail", template="asked")
        reference = Case.objects.get(id=mail.case).reference
    assert (mail.to_email, mail.language, mail.state) == ("taro@example.jp", "en", "queued")
    assert f"/{TOWN}/confirm/?reference={reference}" in mail.body


# -- the letter ------------------------------------------------------------------------------------------
def test_letters_are_merged_two_pages_each_and_hide_the_account(asked, tmp_path):
    case = pushed()
    (file,) = printing.write(TOWN, f"push:one-off-benefit:{DAY}:", tmp_path)
    pages = [page.extract_text().replace(" ", "") for page in pypdf.PdfReader(file).pages]
    assert len(pages) == 2 * asked.letters
    with towns.inside(TOWN):
        number = BankAccount.objects.get(person=case.applicant).number
    mine = next(page for page in pages if case.reference in page)
    assert f"••••{number[-3:]}" in mine
    assert "30,000円" in mine or "50,000円" in mine or "70,000円" in mine or "90,000円" in mine
    assert number not in "".join(pages)
    assert sum("確認書（返信用）" in page for page in pages) == asked.letters


# -- the answer --------------------------------------------------------------------------------------------
def test_a_resident_confirms_by_code_and_birth_date_in_three_pages(asked, benefit):
    case = pushed()
    browser = by_letter(case)
    assert browser.at == f"/{TOWN}/confirm/{case.reference}/"
    assert "この内容でよろしいですか" in browser.text
    with towns.inside(TOWN):
        number = BankAccount.objects.get(person=case.applicant).number
    assert number not in browser.text
    assert f"••••{number[-3:]}" in browser.text
    browser.send(outcome="confirmed")
    assert "確認書の回答を受け付けました" in browser.text
    assert step(case, "confirm") == ("done", "confirmed")
    jobs.drain(TOWN, as_of=AT + timedelta(hours=1))
    case = again(case)
    assert (case.decision, step(case, "review")) == ("granted", ("skipped", None))
    with towns.inside(TOWN):
        assert Payment.objects.get(case=case.id).amount == case.amount >= 30_000


def test_who_cannot_scan_it_types_the_number_from_the_town_s_first_page(asked):
    case = pushed()
    browser = Visitor(Client())
    assert f"/{TOWN}/confirm/" in browser.open("").content.decode()
    browser.open("confirm/")
    with towns.inside(TOWN):
        born = Person.objects.get(id=case.applicant).birth_date
    typed = day("applicant.birth_date", "western", str(born.year), str(born.month), str(born.day))
    browser.send(reference=case.reference.replace("-", " "), **typed)
    assert browser.at == f"/{TOWN}/confirm/{case.reference}/"


def test_pressed_twice_it_is_confirmed_once(asked):
    case = pushed()
    browser = by_letter(case)
    browser.send(outcome="confirmed")
    browser.send(outcome="declined")
    assert step(case, "confirm") == ("done", "confirmed")


def test_another_account_is_looked_at_by_people_before_it_is_paid(asked):
    case = pushed()
    browser = by_letter(case)
    browser.open(f"confirm/{case.reference}/account/")
    with towns.inside(TOWN):
        assert BankAccount.objects.get(person=case.applicant).number not in browser.text
    browser.send(**ACCOUNT | {"account.branch": "998"})
    assert browser.page.status_code == 422
    assert step(case, "confirm") == ("open", None)
    browser.send(**ACCOUNT)
    assert step(case, "confirm") == ("done", "changed")
    jobs.drain(TOWN, as_of=AT + timedelta(hours=1))
    with towns.inside(TOWN):
        assert case_queries.state(again(case)).facts["account"]["number"] == "7654321"
        assert not Payment.objects.filter(case=case.id).exists()
    assert step(case, "review") == ("open", None)


def test_whose_account_is_not_known_gives_one_and_cannot_confirm_without(asked):
    case = pushed(account=False)
    browser = by_letter(case)
    assert 'value="confirmed"' not in browser.text
    assert f"/confirm/{case.reference}/account/" in browser.text


def test_who_declines_is_paid_nothing_and_asked_no_more(asked, benefit):
    case = pushed()
    browser = by_letter(case)
    browser.send(outcome="declined")
    assert "辞退を受け付けました" in browser.text
    jobs.drain(TOWN, as_of=AT + timedelta(hours=1))
    assert (again(case).state, again(case).outcome, again(case).decision) == ("closed", "withdrawn", None)
    second = push.run(TOWN, benefit, base=DAY, by=SYSTEM(TOWN), as_of=AT + timedelta(hours=2))
    assert (second.opened, second.letters) == (0, 0)
    push.chase(TOWN, as_of=AT + timedelta(days=60))
    with towns.inside(TOWN):
        assert not Message.objects.filter(case=case.id, template="reminded").exists()


def test_what_is_wrong_is_written_and_goes_to_a_person(asked):
    case = pushed()
    browser = by_letter(case)
    browser.send(outcome="wrong", note="")
    assert browser.page.status_code == 422
    browser.send(outcome="wrong", note="子どもが一人足りません")
    assert step(case, "confirm") == ("done", "wrong")
    jobs.drain(TOWN, as_of=AT + timedelta(hours=1))
    assert again(case).decision is None
    assert step(case, "review") == ("open", None)


def test_a_clerk_records_what_was_said_by_phone(asked, desk_of_town):
    case = pushed()
    browser = Visitor(desk_of_town)
    browser.open(f"/{TOWN}/staff/case/{case.id}/")
    assert f"/{TOWN}/confirm/{case.reference}/" in browser.text
    browser.open(f"confirm/{case.reference}/")
    browser.send(outcome="confirmed")
    assert step(case, "confirm") == ("open", None)
    browser.send(outcome="confirmed", how="phone")
    assert step(case, "confirm") == ("done", "confirmed")
    with towns.inside(TOWN):
        said = case_queries.history(case.id)[-1]
    assert (said.by_kind, said.event.how) == ("staff", "phone")


def test_nobody_else_sees_or_answers_it(asked):
    mine, other = pushed(), None
    with towns.inside(TOWN):
        other = Case.objects.filter(channel="push", service="one-off-benefit").exclude(id=mine.id)[0]
    assert "confirm/?reference=" in Visitor(Client()).open(f"confirm/{mine.reference}/").redirect_chain[-1][0]
    browser = by_letter(mine)
    assert browser.open(f"confirm/{other.reference}/").status_code == 403
    assert browser.send(to=f"/{TOWN}/confirm/{other.reference}/", outcome="declined").status_code == 403
    assert step(other, "confirm") == ("open", None)


def test_who_guesses_birth_dates_has_to_wait_longer_and_longer(asked):
    case = pushed()
    browser = Visitor(Client())
    answered = []
    for guess in range(1, 9):
        born = day("applicant.birth_date", "western", "1901", "1", str(guess))
        answered.append(browser.send(to=f"/{TOWN}/confirm/", reference=case.reference, **born).status_code)
        if guess == 1:
            assert "確認書の番号と生年月日が合いません" in browser.text
            assert case.reference in browser.text  # nothing is typed twice
    assert (answered[0], answered[-1]) == (422, 429)
    assert by_letter(case).page.status_code == 429  # also for who knows it: it is the number that waits


def test_after_the_last_day_residents_are_told_and_staff_still_record_what_came_in_time(
    asked, monkeypatch, desk_of_town
):
    case = pushed()
    late = datetime(2027, 10, 1, 9, tzinfo=TOKYO)
    monkeypatch.setattr("yakuba.clock.now", lambda: late)
    browser = by_letter(case)
    assert "回答の期限を過ぎました" in browser.text
    browser.send(outcome="confirmed")
    assert step(case, "confirm") == ("open", None)
    with towns.inside(TOWN):
        cases.confirm(case.id, "confirmed", by=CLERK, as_of=late, how="paper")
    jobs.drain(TOWN, as_of=late)
    assert again(case).decision == "granted"


# -- who does not answer -----------------------------------------------------------------------------------
def test_who_does_not_answer_is_reminded_once_and_then_called_on(asked):
    answered, silent = pushed(), asked.asked - 1
    by_letter(answered).send(outcome="confirmed")
    assert push.chase(TOWN, as_of=AT + timedelta(days=10)) == {"reminded": 0, "called_on": 0, "ended": 0}
    assert push.chase(TOWN, as_of=AT + timedelta(days=17), batch=4)["reminded"] == silent
    assert push.chase(TOWN, as_of=AT + timedelta(days=18))["reminded"] == 0
    with towns.inside(TOWN):
        reminders = Message.objects.filter(template="reminded")
        assert reminders.count() == silent
        assert {one.carrier for one in reminders} == {"letter"}
        assert not reminders.filter(case=answered.id).exists()
        assert case_queries.queue(step="call-on").count() == 0
    assert push.chase(TOWN, as_of=AT + timedelta(days=31))["called_on"] == silent
    with towns.inside(TOWN):
        assert case_queries.queue(step="call-on").count() == silent
    one = counts()
    assert (one.reminded, one.visits, one.silent) == (silent, silent, silent)


def test_who_answers_leaves_the_list_of_those_called_on(asked):
    for days in (17, 31):
        push.chase(TOWN, as_of=AT + timedelta(days=days))
    case = pushed()
    assert step(case, "call-on") == ("open", None)
    by_letter(case).send(outcome="confirmed")
    assert step(case, "call-on")[0] == "skipped"
    assert counts().visits == asked.asked - 1
    with towns.inside(TOWN):
        assert verify.verify(TOWN)[2] == []


def test_when_a_manager_ends_it_what_nobody_answered_is_taken_back(asked):
    kept = pushed()
    by_letter(kept).send(outcome="confirmed")
    jobs.drain(TOWN, as_of=AT + timedelta(hours=1))
    with towns.inside(TOWN):
        task = Case.objects.get(id=asked.campaign).tasks.get(step="close")
        cases.finish(task.id, by=MANAGER, as_of=AT + timedelta(days=40))
    assert push.chase(TOWN, as_of=AT + timedelta(days=41)) == {
        "reminded": 0, "called_on": 0, "ended": asked.asked - 1,
    }  # fmt: skip
    assert push.chase(TOWN, as_of=AT + timedelta(days=42))["ended"] == 0
    one = counts()
    assert (one.silent, one.confirmed, one.granted) == (asked.asked - 1, 1, 1)


def test_the_town_s_clock_runs_from_the_answer_on(asked):
    case = pushed()
    assert case.paused
    with towns.inside(TOWN):
        cases.confirm(case.id, "confirmed", by=CLERK, as_of=AT + timedelta(days=30), how="phone")
    case = again(case)
    assert not case.paused
    assert case.norm_due > AT + timedelta(days=40)


# -- the desk ----------------------------------------------------------------------------------------------
@pytest.fixture
def desk_of_town(people) -> Client:
    """The browser of a member of staff with every role that this needs."""
    from tests.access.people import make_staff, sign_in

    client = Client()
    with towns.inside(TOWN):
        make_staff("clerk", "reviewer", "manager", login="all", name="職員")
        sign_in(client, "all")
    return client


def test_the_counts_of_all_campaigns_take_one_query_however_many_were_asked(asked):
    cases_of = [pushed()]
    by_letter(cases_of[0]).send(outcome="declined")
    with towns.inside(TOWN):
        catalogue.current()  # which publications count is asked once in a transaction
        with CaptureQueriesContext(connection) as asked_for:
            (one,) = push.campaigns()
    assert len(asked_for) == 1
    assert (one.asked, one.declined, one.silent, one.confirmed) == (asked.asked, 1, asked.asked - 1, 0)


def test_the_desk_shows_the_campaign_and_prints_its_letters(asked, desk_of_town):
    browser = Visitor(desk_of_town)
    browser.open("staff/push/?service=one-off-benefit")
    assert browser.page.status_code == 200
    for words in ("給付金", "送った", "回答なし", "訪問の対象", str(asked.asked)):
        assert words in browser.text
    browser.open(f"staff/push/{asked.campaign}/letters/")
    printed = browser.client.get(f"/{TOWN}/staff/push/{asked.campaign}/letters/?file=1")
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    browser.send(to=f"/{TOWN}/staff/push/{asked.campaign}/posted/")
    with towns.inside(TOWN):
        assert set(Message.objects.filter(template="asked").values_list("state", flat=True)) == {"posted"}


def test_the_desk_begins_only_what_it_showed(people, desk_of_town, monkeypatch, benefit):
    monkeypatch.setattr("yakuba.clock.now", lambda: AT)
    browser = Visitor(desk_of_town)
    with towns.inside(TOWN):
        seen = push.survey(benefit, as_of=DAY).checksum
    begun = "select count(*) from procrastinate_jobs where task_name = 'push_all'"
    for checksum, jobs_there in (("0" * 16, 0), (seen, 1)):
        browser.send(to=f"/{TOWN}/staff/push/start/", service="one-off-benefit", checksum=checksum)
        with connection.cursor() as cursor:
            cursor.execute(begun)
            assert cursor.fetchone()[0] == jobs_there
