"""A Map in DISTRIBUTED mode: where items are read, how they are batched, what runs them, where results are written.

Shapes and bounds are those of the Developer Guide's pages "ItemReader", "ItemBatcher" and "ResultWriter". What AWS has
and Stepsmith does not read (Parquet, Athena's manifests) is refused here in one sentence.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal

from .fields import BATCH_BYTES, OBJECT, POSITIVE, Compiled, refusal
from .node import Node
from .template import Template

GET_OBJECT = "arn:aws:states:::s3:getObject"
LIST_OBJECTS = "arn:aws:states:::s3:listObjectsV2"
PUT_OBJECT = "arn:aws:states:::s3:putObject"
Arguments = Annotated[Template | None, Compiled(jsonata_only=True), OBJECT]
InputType = Literal["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"]
Delimiter = Literal["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]
Transformation = Literal["NONE", "COMPACT", "FLATTEN"]
OutputType = Literal["JSON", "JSONL"]

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")  # RFC 6901
_NOT_READ = frozenset({"PARQUET", "ATHENA_DATA"})


class ProcessorConfig(Node):
    """How iterations run: within the execution, or each as a child execution of its own."""

    mode: Literal["INLINE", "DISTRIBUTED"] = "INLINE"
    execution_type: Literal["STANDARD", "EXPRESS"] | None = None

    @property
    def is_express(self) -> bool:
        """Whether iterations are Express executions."""
        return self.mode == "DISTRIBUTED" and self.execution_type == "EXPRESS"

    @model_validator(mode="after")
    def _children_have_a_type(self) -> ProcessorConfig:
        if self.mode == "DISTRIBUTED" and self.execution_type is None:
            raise refusal("These fields are required: [ExecutionType]", "Write STANDARD or EXPRESS.")
        return self


class ReaderConfig(Node):
    """How the object's bytes are items."""

    model_config = ConfigDict(alias_generator=lambda name: to_pascal(name).replace("Csv", "CSV"))

    input_type: InputType | None = None
    max_items: Annotated[Template | None, Compiled(), POSITIVE] = None
    items_pointer: str | None = None
    csv_header_location: Literal["FIRST_ROW", "GIVEN"] | None = None
    csv_headers: tuple[str, ...] | None = Field(default=None, strict=False)
    csv_delimiter: Delimiter = "COMMA"
    manifest_type: Literal["S3_INVENTORY", "ATHENA_DATA"] | None = None
    transformation: Literal["NONE", "LOAD_AND_FLATTEN"] = "NONE"

    @property
    def loads(self) -> bool:
        """Whether items are what the objects of a listing hold."""
        return self.transformation == "LOAD_AND_FLATTEN"

    @model_validator(mode="after")
    def _can_be_read(self) -> ReaderConfig:
        for said in {self.input_type, self.manifest_type} & _NOT_READ:
            raise refusal(f"Stepsmith does not read {said}", "Use CSV, JSON, JSONL, MANIFEST or s3:listObjectsV2.")
        return self

    @model_validator(mode="after")
    def _fits_its_type(self) -> ReaderConfig:
        if self.input_type == "CSV" and self.csv_header_location is None:
            raise refusal("These fields are required: [CSVHeaderLocation]", "Write FIRST_ROW or GIVEN.")
        if self.csv_header_location == "GIVEN" and not self.csv_headers:
            raise refusal("These fields are required: [CSVHeaders]", "List the names of the columns.")
        pointer = self.items_pointer
        if pointer is not None and not (self.input_type == "JSON" and _POINTER.fullmatch(pointer)):
            message = f"Expected a JSON Pointer into a JSON file, but was {pointer!r:.80}"
            raise refusal(message, "Write names with / before each: /orders/items.", "/ItemsPointer")
        return self


class ItemReader(Node):
    """The data set: an object of S3, or the objects of a bucket."""

    resource: Literal["arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"]
    arguments: Arguments = None
    reader_config: ReaderConfig | None = None

    @property
    def points(self) -> bool:
        """Whether the items are a part of a JSON file."""
        return self.reader_config is not None and self.reader_config.items_pointer is not None

    @model_validator(mode="after")
    def _is_complete(self) -> ItemReader:
        if self.arguments is None:
            raise refusal("These fields are required: [Arguments]", "Name the bucket.")
        config = self.reader_config or ReaderConfig()
        match self.resource, config.loads, config.input_type:
            case (resource, loads, None) if loads or resource == GET_OBJECT:
                raise refusal("These fields are required: [InputType]", "Say what an object holds.", "/ReaderConfig")
            case "arn:aws:states:::s3:getObject", True, _:
                raise refusal("Field is not supported", "It is for a listing.", "/ReaderConfig/Transformation")
            case "arn:aws:states:::s3:listObjectsV2", False, str():
                remedy = 'The items of a listing are the objects, unless "Transformation" is LOAD_AND_FLATTEN.'
                raise refusal("Field is not supported", remedy, "/ReaderConfig/InputType")
            case _, True, "MANIFEST":
                raise refusal("Value is not valid", "Use CSV, JSON or JSONL.", "/ReaderConfig/InputType")
        return self


class ItemBatcher(Node):
    """How many items one child execution gets."""

    max_items_per_batch: Annotated[Template | None, Compiled(), POSITIVE] = None
    max_input_bytes_per_batch: Annotated[Template | None, Compiled(), BATCH_BYTES] = None
    batch_input: Annotated[Template | None, Compiled(), OBJECT] = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> ItemBatcher:
        if self.max_items_per_batch is None and self.max_input_bytes_per_batch is None:
            message = "At least one of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]"
            raise refusal(message, "Say how large a batch may be.")
        return self


class WriterConfig(Node):
    """What becomes of the children's outputs."""

    transformation: Transformation = "NONE"
    output_type: OutputType = "JSON"


class ResultWriter(Node):
    """Where results go: to S3, or, with a WriterConfig alone, into the state's result in that form."""

    resource: Literal["arn:aws:states:::s3:putObject"] | None = None
    arguments: Arguments = None
    writer_config: WriterConfig | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> ResultWriter:
        if (self.resource is None) != (self.arguments is None):
            missing = "Resource" if self.resource is None else "Arguments"
            raise refusal(f"These fields are required: [{missing}]", "Resource and Arguments go together.")
        if self.resource is None and self.writer_config is None:
            raise refusal("Value must not be empty", "Write Resource and Arguments, a WriterConfig, or all of them.")
        return self
