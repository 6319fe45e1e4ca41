"""The optional larger model: it says in other words what retrieval found, or chooses among it, and nothing else.

Without one, or where it fails, is too slow, or says something that no source says, the quotation is shown as it is.
"""

from yakuba.assistant.larger.asking import Rephrased, choose, may_leave, rephrase

__all__ = ["Rephrased", "choose", "may_leave", "rephrase"]
