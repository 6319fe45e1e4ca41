"""Addresses of signing in and out, below `/{town}/`."""

from django.urls import path

from yakuba.access import own_account, telework, views

app_name = "access"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/start/", views.start, name="start"),
    path("sign-in/callback/", views.callback, name="callback"),
    path("sign-in/reference/", views.status, name="status"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("staff/sign-in/", views.staff_sign_in, name="staff_sign_in"),
    path("staff/sign-in/code/", views.staff_code, name="staff_code"),
    path("staff/sign-in/passkey/question/", views.passkey_question, name="passkey_question"),
    path("staff/sign-in/passkey/", views.passkey_sign_in, name="passkey_sign_in"),
    path("staff/step-up/", telework.step_up, name="step_up"),
    path("staff/step-up/passkey/", telework.step_up_with_passkey, name="step_up_with_passkey"),
    path("staff/this-device/", telework.this_device, name="this_device"),
    path("staff/devices/", telework.declared, name="declared"),
    path("staff/devices/issue/", telework.issue_device, name="issue_device"),
    path("staff/devices/<uuid:device>/revoke/", telework.revoke_device, name="revoke_device"),
    path("staff/devices/networks/", telework.declare_network, name="declare_network"),
    path("staff/devices/networks/<int:network>/forget/", telework.forget_network, name="forget_network"),
    path("staff/devices/model/", telework.set_posture, name="set_posture"),
    path("staff/account/", views.account, name="account"),
    path("staff/account/password/", own_account.password, name="own_password"),
    path("staff/account/sessions/", own_account.sessions, name="own_sessions"),
    path("staff/account/sessions/end/", own_account.end_sessions, name="end_own_sessions"),
    path("staff/account/passkey/question/", views.new_passkey_question, name="new_passkey_question"),
    path("staff/account/passkey/", views.add_passkey, name="add_passkey"),
    path("staff/account/passkey/<int:passkey>/remove/", views.remove_passkey, name="remove_passkey"),
]
