"""Rules over rows of several groups and operations, as data in the one condition language. Pure."""

from yakuba.records.rules.errors import FaultyRules
from yakuba.records.rules.model import Place, Severity
from yakuba.records.rules.rules import Rules
from yakuba.records.rules.views import CrossRule

__all__ = ["CrossRule", "FaultyRules", "Place", "Rules", "Severity"]
