"""Walks: how a list is read page by page so that nothing can be missed, and the certificate that says whether it was.

Pure: a walk is handed a reader and knows neither HTTP nor dlt.
"""

from stitchhouse.walk.certificate import Certificate
from stitchhouse.walk.keyset import KeysetOnId, KeysetOnStamp, NamedIds
from stitchhouse.walk.loop import Walk
from stitchhouse.walk.page import Ask, Page, Reader
from stitchhouse.walk.passes import NewestFirst, UntilStable
from stitchhouse.walk.plans import LastPageFirst, Plan, WholeList
from stitchhouse.walk.probe import Capabilities, probe
from stitchhouse.walk.window import Window

__all__ = [
    "Ask",
    "Capabilities",
    "Certificate",
    "KeysetOnId",
    "KeysetOnStamp",
    "LastPageFirst",
    "NamedIds",
    "NewestFirst",
    "Page",
    "Plan",
    "Reader",
    "UntilStable",
    "Walk",
    "WholeList",
    "Window",
    "probe",
]
