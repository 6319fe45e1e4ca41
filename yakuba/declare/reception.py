"""Where a town receives people: `towns/CODE/reception.yaml`, its places with their desks, and the video link of a place where no
clerk is."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import field_validator

from yakuba.declare.model import Id, Model
from yakuba.words import Text

RECEPTION = "reception"


class ReceptionPlace(Model):
    """A hall or a branch. `desks`: what each is called, by its id; `video`: the address of the meeting by which a clerk elsewhere
    serves somebody here, in the town's own video system."""

    name: Text
    desks: Mapping[Id, Text]
    video: str | None = None

    @field_validator("desks")
    @classmethod
    def _some(cls, desks: Mapping[str, Text]) -> Mapping[str, Text]:
        if not desks:
            raise ValueError("a place has at least one desk")
        return desks

    @field_validator("video")
    @classmethod
    def _secure(cls, video: str | None) -> str | None:
        if video is not None and (urlsplit(video).scheme != "https" or not urlsplit(video).hostname):
            raise ValueError("a video link begins with https://")
        return video


class Reception(Model):
    """The whole of the file, the first place first."""

    places: Mapping[Id, ReceptionPlace]

    @field_validator("places")
    @classmethod
    def _some(cls, places: Mapping[str, ReceptionPlace]) -> Mapping[str, ReceptionPlace]:
        if not places:
            raise ValueError("a town receives people at one place at least")
        return places
