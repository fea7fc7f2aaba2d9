"""Requests of the Step Functions API, checked against its service model (stepsmith.local.service_model)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from stepsmith.local import service_model
from stepsmith.local.service_model import Shape, Structure

from .errors import ApiError, serialization

MODEL = "stepfunctions/2016-11-23"
TARGET = "AWSStepFunctions"


@cache
def operations() -> Mapping[str, Structure]:
    """The input of every action of the service model, by the action's name."""
    model = service_model.read(MODEL)
    made: dict[str, Shape] = {}
    shapes = model["shapes"]
    return {
        name: service_model.structure(shapes, of["input"]["shape"], made) for name, of in model["operations"].items()
    }


def checked(shape: Structure, given: Any) -> dict[str, Any]:
    """The request's members that the model knows. Raises SerializationException, ValidationException."""
    try:
        return service_model.checked(shape, given)
    except service_model.Unreadable as error:
        raise serialization(str(error)) from None
    except service_model.Invalid as error:
        raise ApiError("ValidationException", str(error)) from None
