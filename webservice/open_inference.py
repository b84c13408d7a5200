"""What is sent and answered in the Open Inference Protocol, version 2.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

Datatype = Literal[
    "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64"
]  # fmt: skip
Output = Literal["prediction", "probability"]

_Shape = Annotated[list[int], Field(description="-1 for the number of tumours.", examples=[[-1]])]
_Parameters = Annotated[dict[str, Any], Field(description="Extensions; none is heeded.")]


class ServerMetadata(TypedDict):
    """The server."""

    name: str
    version: str
    extensions: list[str]


class Liveness(TypedDict):
    """That the process answers."""

    live: bool


class Readiness(TypedDict):
    """That requests should be sent here."""

    ready: bool


class ModelReadiness(Readiness):
    """That requests for the model should be sent here."""

    name: str


class TensorMetadata(TypedDict):
    """A tensor."""

    name: str
    datatype: Annotated[str, Field(examples=["INT64"])]
    shape: _Shape


class ModelMetadata(TypedDict):
    """The model."""

    name: str
    versions: list[str]
    platform: str
    inputs: Annotated[
        list[TensorMetadata], Field(description="Or one tensor [n, 9] of any name, its columns in this order.")
    ]
    outputs: list[TensorMetadata]


class InputTensor(TypedDict):
    """Grades, row by row."""

    name: Annotated[
        str, Field(description="The measurement; any name where one tensor has all nine.", examples=["tumors"])
    ]
    shape: Annotated[
        list[Annotated[int, Field(ge=0)]],
        Field(
            description="[n, 9] in the order of the model's inputs, or for each measurement [n] or [n, 1].",
            examples=[[1, 9]],
        ),
    ]
    datatype: Annotated[Datatype, Field(description="A fraction is an error in all of them.", examples=["FP64"])]
    parameters: NotRequired[_Parameters]
    data: Annotated[
        list[Any],
        Field(
            description="Flat, or nested by rows. NaN or null where bare nuclei were not measured.",
            examples=[[4, 1, 2, 1, 2, 1, 1, 1, 1]],
        ),
    ]


class WantedOutput(TypedDict):
    """An output that is asked for."""

    name: Output
    parameters: NotRequired[_Parameters]


class InferenceRequest(TypedDict):
    """n tumours."""

    id: NotRequired[Annotated[str, Field(description="Comes back with the answer.", examples=["42"])]]
    parameters: NotRequired[_Parameters]
    inputs: Annotated[
        list[InputTensor], Field(description="One tensor of nine columns, or nine named as the measurements.")
    ]
    outputs: NotRequired[Annotated[list[WantedOutput], Field(description="Which outputs to give; by default both.")]]


class OutputTensor(TypedDict):
    """One value for each tumour."""

    name: Output
    shape: Annotated[list[int], Field(description="[n]")]
    datatype: Annotated[Literal["BYTES", "FP64"], Field(description="BYTES are text.")]
    data: Annotated[
        list[Any],
        Field(description="benign or malignant; the probability of malignancy.", examples=[["benign"]]),
    ]


class InferenceResponse(TypedDict):
    """What the model says of n tumours."""

    model_name: str
    model_version: str
    id: NotRequired[str]
    outputs: list[OutputTensor]
