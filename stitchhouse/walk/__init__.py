"""Walks: how a list is read page by page so that nothing can be missed, and the certificate that says whether it was.

Pure: a walk is handed a reader and knows neither HTTP nor dlt.
"""

from stitchhouse.walk.certificate import Certificate
from stitchhouse.walk.keyset import KeysetOnId, KeysetOnStamp
from stitchhouse.walk.loop import Walk
from stitchhouse.walk.page import Ask, Page, Reader
from stitchhouse.walk.plans import LastPageFirst, PagesInOrder, Plan, WholeList
from stitchhouse.walk.probe import Capabilities, probe

__all__ = [
    "Ask",
    "Capabilities",
    "Certificate",
    "KeysetOnId",
    "KeysetOnStamp",
    "LastPageFirst",
    "Page",
    "PagesInOrder",
    "Plan",
    "Reader",
    "Walk",
    "WholeList",
    "probe",
]
