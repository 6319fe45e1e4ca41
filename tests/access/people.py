"""Staff and browsers for the tests of signing in."""

from __future__ import annotations

import pyotp
from django.test import Client

from yakuba import clock
from yakuba.access import SYSTEM, actions, towns
from yakuba.access.models import Staff

TOWN, OTHER_TOWN = "394262", "394271"
PASSWORD = "Kaze-to-Nami-2026"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_staff(*roles: str, login: str = "hanako", town: str = TOWN, name: str = "山本 花子") -> Staff:
    """A member of staff with PASSWORD and SECRET."""
    with towns.inside(town):
        staff = actions.add_staff(login, name, roles or ("clerk",), PASSWORD, by=SYSTEM(town))
        actions.set_totp(staff, by=SYSTEM(town), secret=SECRET)
        return staff


def code() -> str:
    """The code that the authenticator app shows now."""
    return pyotp.TOTP(SECRET).at(clock.now())


def password(client: Client, login: str = "hanako", secret: str = PASSWORD, town: str = TOWN, **how):
    """Send the first page of the sign-in."""
    return client.post(f"/{town}/staff/sign-in/", {"login": login, "password": secret}, **how)


def sign_in(client: Client, login: str = "hanako", town: str = TOWN):
    """Sign in with password and code."""
    with towns.inside(town):
        Staff.objects.filter(login=login).update(totp_step=0)
    password(client, login, town=town)
    return client.post(f"/{town}/staff/sign-in/code/", {"code": code()})


def signed_in(client: Client, town: str = TOWN) -> bool:
    """Whether this browser reaches a page for staff."""
    return client.get(f"/{town}/staff/account/").status_code == 200
