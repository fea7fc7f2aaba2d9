"""AWS's service models, and requests checked against them before any action runs.

botocore's JSON is read as data: its client would cost half a second and 20 MB.

shapes      the model's shapes as values, of what requests are made of
checking    a request against a shape: what is unreadable, what is invalid, in the words of AWS's front door
"""

from .checking import Invalid, Unreadable, checked
from .shapes import Blob, Flag, Items, Map, Number, Shape, Structure, Text, read, structure

__all__ = [
    "Blob",
    "Flag",
    "Invalid",
    "Items",
    "Map",
    "Number",
    "Shape",
    "Structure",
    "Text",
    "Unreadable",
    "checked",
    "read",
    "structure",
]
