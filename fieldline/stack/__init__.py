"""The embedded default: everything Fieldline needs, on this machine, without Docker and without keys."""

from fieldline.stack.info import StackInfo
from fieldline.stack.plan import ALL
from fieldline.stack.stack import Stack

__all__ = ["ALL", "Stack", "StackInfo"]
