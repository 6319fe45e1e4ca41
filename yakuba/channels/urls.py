"""Addresses for residents, below `/{town}/`."""

from django.urls import path

from yakuba.channels import call_back, confirm, finder, open_data, paying, status, web

app_name = "channels"
urlpatterns = [
    path("", web.home, name="home"),
    path("services/", web.services, name="services"),
    path("services/<slug:service>/", web.service, name="service"),
    path("services/<slug:service>/form.pdf", web.printed, name="printed"),
    path("apply/<slug:service>/", web.start, name="start"),
    path("draft/<uuid:draft>/", web.resume_at, name="resume_at"),
    path("draft/<uuid:draft>/check/", web.check, name="check"),
    path("draft/<uuid:draft>/hand-over/", web.hand_over, name="hand_over"),
    path("draft/<uuid:draft>/send/", web.send, name="send"),
    path("draft/<uuid:draft>/done/", web.done, name="done"),
    path("draft/<uuid:draft>/later/", web.leave, name="leave"),
    path("draft/<uuid:draft>/scan/<int:page>/", web.scan, name="scan"),
    path("draft/<uuid:draft>/<str:key>/", web.screen, name="screen"),
    path("resume/", web.resume, name="resume"),
    path("call-back/", call_back.ask, name="call_back"),
    path("finder/", finder.find, name="finder"),
    path("open-data/", open_data.catalogue, name="open_data"),
    path("open-data/catalog.jsonld", open_data.dcat, {"kind": "jsonld"}, name="open_data_jsonld"),
    path("open-data/catalog.ttl", open_data.dcat, {"kind": "ttl"}, name="open_data_ttl"),
    path("open-data/<slug:dataset>/", open_data.page, name="open_data_set"),
    path("open-data/<slug:dataset>.csv", open_data.file, {"kind": "csv"}, name="open_data_csv"),
    path(
        "open-data/<slug:dataset>.csv-metadata.json",
        open_data.file,
        {"kind": "csv-metadata.json"},
        name="open_data_metadata",
    ),
    path("open-data/<slug:dataset>.json", open_data.rows, name="open_data_json"),
    path(
        "open-data/<slug:dataset>/<str:version>.csv",
        open_data.file,
        {"kind": "csv"},
        name="open_data_version_csv",
    ),
    path(
        "open-data/<slug:dataset>/<str:version>.json",
        open_data.file,
        {"kind": "json"},
        name="open_data_version_json",
    ),
    path("status/", status.start, name="status_start"),
    path("status/<str:reference>/", status.show, name="status"),
    path("status/<str:reference>/pay/", paying.pay, name="pay"),
    path("status/<str:reference>/pay/<uuid:order>/", paying.paying, name="paying"),
    path("status/<str:reference>/slip/", paying.slip, name="fee_slip"),
    path("status/<str:reference>/receipt/<int:number>/", paying.receipt, name="fee_receipt"),
    path("payments/notice/", paying.notice, name="payment_notice"),
    path("mine/", status.mine, name="mine"),
    path("confirm/", confirm.start, name="confirm_start"),
    path("confirm/<str:reference>/", confirm.show, name="confirm"),
    path("confirm/<str:reference>/account/", confirm.account, name="confirm_account"),
    path("status/<str:reference>/answer/", status.answer, name="answer"),
    path("status/<str:reference>/withdraw/", status.withdraw, name="withdraw"),
]
