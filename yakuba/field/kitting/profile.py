"""A device profile: what a device of a kind shall be, as a file that the customer can read.

    checks:
      encrypted: {if: device.disk_encrypted, because: {ja: ディスクが暗号化されていること, en: …}}

Checks are conditions of the one condition language over what was read from the device. A check that is not known to
hold does not let a device through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from yakuba import conditions
from yakuba.conditions import Program, Rule
from yakuba.declare import yaml_files
from yakuba.field.kitting.device import SCHEMA, Observation, Recipient

_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


EXAMPLE = Path(__file__).parents[3] / "docs/examples/device-profile.yaml"
"""The profile that the documentation explains; synthetic."""


class ProfileError(Exception):
    """The profile's file cannot be used; says where and what."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Said(_Model):
    """A sentence in three languages."""

    ja: str
    easy: str
    en: str


class Check(_Model):
    """What must hold, and why it must, in words."""

    if_: str = Field(alias="if")
    because: Said


class Wifi(_Model):
    """A network that the device shall know. `secret` names an entry of the vault; the secret never stands here."""

    ssid: Annotated[str, Field(min_length=1, max_length=32)]
    security: Literal["WPA", "NONE"] = "WPA"
    secret: str = ""


class Android(_Model):
    """The management app that fully managed Android devices fetch: component, address, SHA-256 of its signature."""

    component: str
    location: Annotated[str, Field(pattern="^https://")]
    checksum: str


class App(_Model):
    """A program that shall be on the device."""

    id: str
    name: str
    version: str = ""


class Profile(_Model):
    """One kind of set-up, with the version that an order keeps."""

    profile: _Id
    version: date
    name: Said
    platform: Literal["windows", "android", "ios", "macos", "linux"]
    time_zone: str = "Asia/Tokyo"
    locale: str = "ja-JP"
    wifi: Wifi | None = None
    admin: str = ""
    admin_secret: str = ""
    group_tag: str = ""
    owner: str = ""
    ssh_keys: tuple[str, ...] = ()
    android: Android | None = None
    apps: tuple[App, ...] = ()
    accessories: tuple[str, ...] = ()
    checks: dict[_Name, Check] = Field(min_length=1)

    @cached_property
    def program(self) -> Program:
        """The checks, compiled. Raises conditions.Errors."""
        rules = [Rule(name, check.if_, kind="bool") for name, check in self.checks.items()]
        return conditions.compile_rules(SCHEMA, rules, {})


@dataclass(frozen=True, slots=True)
class Finding:
    """One check on one device. `holds` None: not known. `seen` are the facts that it rests on."""

    check: str
    holds: bool | None
    seen: dict[str, Any]


def read(path: Path) -> Profile:
    """A profile whose checks compile. Raises ProfileError with the place of each fault."""
    profile = yaml_files.read(path, Profile, ProfileError)
    try:
        _ = profile.program
    except conditions.Errors as error:
        raise ProfileError(f"{path}: checks: {error}") from error
    return profile


def verified(
    profile: Profile, devices: list[tuple[Observation, Recipient]], *, as_of: date
) -> list[list[Finding]]:
    """What fails or is not known, for every device in turn; an empty list lets a device through. One query for all."""
    answers = profile.program.run_many([seen.known(recipient) for seen, recipient in devices], as_of=as_of)
    return [
        [
            Finding(name, answer.values[name], dict(answer.explain(name).facts))
            for name in profile.checks
            if answer.values[name] is not True
        ]
        for answer in answers
    ]
