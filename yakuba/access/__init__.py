"""Who is asking, and may they? Sign-in, the policy decision, towns kept apart, and the access log.

Every view and every action of every room asks here once:

    access.require(worker, "case.read", Resource("Case", id, town, {"applicant": ...}))
"""

from yakuba.access.policy import Denied, Resource, acting_for, may, require
from yakuba.access.worker import ASSISTANT, PUBLIC, ROLES, SYSTEM, Kind, Worker

__all__ = [
    "ASSISTANT",
    "PUBLIC",
    "ROLES",
    "SYSTEM",
    "Denied",
    "Kind",
    "Resource",
    "Worker",
    "acting_for",
    "may",
    "require",
]
