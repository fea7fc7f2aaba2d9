"""Whether a value fits a JSON Schema, and in sentences where it does not: the one door to the library `jsonschema`.

    schema = Schema({"type": "object", "properties": {"n": {"type": "integer"}}})
    schema.faults({"n": "x"})      (Fault(("n",), '"x" is not of type \'integer\''),)

The dialect is draft 2020-12 unless the schema's ``$schema`` names another. A ``$ref`` stays in the schema: nothing is
ever fetched. A `pattern` is a regular expression of Python's `re`, found anywhere in the text; ``\\d`` and ``\\w`` take
any alphabet's. Of the formats those that `schema.FORMATS` names are checked, the others pass.

`jsonschema` is Python but for rpds-py, its maps: 1 MB in an artifact, where jsonschema-rs took 6 (decision 0009).
"""

from .schema import Fault, InvalidSchema, Schema, TooDeep

__all__ = ["Fault", "InvalidSchema", "Schema", "TooDeep"]
