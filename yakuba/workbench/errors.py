"""What may be wrong on the workbench, in words that help on. Nothing was changed when one of these is raised."""

from __future__ import annotations

from collections.abc import Sequence

from yakuba.declare import Fault
from yakuba.words import Text, ui_text


class WorkbenchError(Exception):
    """Base: `text` says why and what to do, in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


class NoSuchService(WorkbenchError):
    """Neither the catalogue nor a draft has it."""

    def __init__(self, service: str):
        super().__init__(ui_text("workbench.no_such_service").format(service=service))


class NoDraft(WorkbenchError):
    """Nobody works on the service now: the draft was published or discarded."""

    def __init__(self, service: str):
        super().__init__(ui_text("workbench.no_draft").format(service=service))


class NameTaken(WorkbenchError):
    """There is a service of this id already."""

    def __init__(self, service: str):
        super().__init__(ui_text("workbench.name_taken").format(service=service))


class BadName(WorkbenchError):
    """An id that no folder can have."""

    def __init__(self, service: str):
        super().__init__(ui_text("workbench.bad_name").format(service=service))


class ChangedMeanwhile(WorkbenchError):
    """Somebody else saved first. The text that came second is kept beside (`aside`: its id)."""

    def __init__(self, name: str, aside: int):
        self.aside = aside
        super().__init__(ui_text("workbench.changed_meanwhile").format(name=name))


class NotTheNewest(WorkbenchError):
    """Somebody saved the draft since the page was opened: it should be looked at again first."""

    def __init__(self, name: str):
        super().__init__(ui_text("workbench.not_the_newest").format(name=name))


class CannotEdit(WorkbenchError):
    """This part of the file must be changed in its text."""

    def __init__(self, what: str):
        super().__init__(ui_text("workbench.cannot_edit").format(what=what))


class Missing(WorkbenchError):
    """A part that was to be changed is not there any more."""

    def __init__(self, what: str):
        super().__init__(ui_text("workbench.missing").format(what=what))


class HasFaults(WorkbenchError):
    """The service cannot be proposed or published as it is."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = faults
        first = str(faults[0])
        super().__init__(ui_text("workbench.has_faults").format(count=len(faults), first=first))


class NothingChanged(WorkbenchError):
    """The text is the one that counts already."""

    def __init__(self) -> None:
        super().__init__(ui_text("workbench.nothing_changed"))


class AlreadyProposed(WorkbenchError):
    """Another text of the service waits to be published."""

    def __init__(self, name: str):
        super().__init__(ui_text("workbench.already_proposed").format(name=name))


class NoProposal(WorkbenchError):
    """It was published, or given back, meanwhile."""

    def __init__(self) -> None:
        super().__init__(ui_text("workbench.no_proposal"))


class Overtaken(WorkbenchError):
    """Since the text was begun another version was published."""

    def __init__(self) -> None:
        super().__init__(ui_text("workbench.overtaken"))


class AlreadyStopped(WorkbenchError):
    """Nobody can apply for it anyway."""

    def __init__(self) -> None:
        super().__init__(ui_text("workbench.already_stopped"))


class Unreadable(WorkbenchError):
    """A table of fields that cannot be taken in as a whole: says where it is wrong, row by row."""

    def __init__(self, rows: Sequence[str]):
        self.rows = rows
        super().__init__(ui_text("workbench.unreadable").format(rows="\n".join(rows)))
