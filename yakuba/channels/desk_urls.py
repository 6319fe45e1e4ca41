"""Addresses of the clerk's desk, below `/{town}/staff/`."""

from django.urls import path

from yakuba.channels import counter, desk, treasury

app_name = "desk"
urlpatterns = [
    path("", desk.home, name="home"),
    path("queue/", desk.queue, name="queue"),
    path("find/", desk.find, name="find"),
    path("queue/decide/", desk.bulk_decide, name="bulk_decide"),
    path("case/<uuid:case>/", desk.case, name="case"),
    path("case/<uuid:case>/take/", desk.take, name="take"),
    path("case/<uuid:case>/release/", desk.release, name="release"),
    path("case/<uuid:case>/decide/", desk.decide, name="decide"),
    path("case/<uuid:case>/finish/", desk.finish, name="finish"),
    path("case/<uuid:case>/return/", desk.return_, name="return"),
    path("case/<uuid:case>/note/", desk.note, name="note"),
    path("case/<uuid:case>/attach/", desk.attach, name="attach"),
    path("case/<uuid:case>/identify/", desk.identify, name="identify"),
    path("case/<uuid:case>/withdraw/", desk.withdraw, name="withdraw"),
    path("case/<uuid:case>/object/", desk.object_, name="object"),
    path("case/<uuid:case>/reopen/", desk.reopen, name="reopen"),
    path("case/<uuid:case>/extend/", desk.extend, name="extend"),
    path("document/<uuid:document>/", desk.document, name="document"),
    path("people/", counter.people, name="people"),
    path("people/<uuid:person>/", counter.person, name="person"),
    path("people/<uuid:person>/counter/", counter.start, name="counter"),
    path("people/<uuid:person>/link/", counter.link, name="link"),
    path("entitled/<slug:service>/", counter.entitled, name="entitled"),
    path("money/", treasury.runs, name="money"),
    path("money/new/", treasury.create, name="new_run"),
    path("money/<uuid:run>/", treasury.run, name="run"),
    path("money/<uuid:run>/approve/", treasury.approve, name="approve"),
    path("money/<uuid:run>/export/", treasury.export, name="export"),
    path("money/<uuid:run>/sent/", treasury.sent, name="sent"),
    path("money/<uuid:run>/cancel/", treasury.cancel, name="cancel"),
    path("money/file/<int:file>/", treasury.file, name="file"),
    path("money/result/", treasury.result, name="result"),
    path("letters/", treasury.letters, name="letters"),
    path("letters/print/", treasury.print_letters, name="print_letters"),
    path("letters/posted/", treasury.posted, name="posted"),
    path("letters/<uuid:message>/resend/", treasury.resend, name="resend"),
]
