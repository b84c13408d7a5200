"""How Amazon SageMaker starts the service: ``docker run IMAGE serve``, with the model in a folder of its own.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oncology_model import FEATURES
from webservice.settings import MAX_BATCH_BYTES, variable

if TYPE_CHECKING:
    from collections.abc import MutableMapping

SERVE: Final = "serve"

MODEL_DIR: Final = Path("/opt/ml/model")
"""Where SageMaker unpacks ``model.tar.gz``."""

_PORT: Final = "8080"

# It kills 30 s after SIGTERM: five for its pings to notice, and the others for requests to end.
_DRAIN_SECONDS: Final = "5"
_GRACEFUL_TIMEOUT: Final = "20"

_MIB: Final = 1024 * 1024
_SHORTEST_ROW: Final = 2 * len(FEATURES)
"""Bytes of a row in CSV: digits, and commas or an end of line."""


class ExecutionParameters(TypedDict):
    """How Batch Transform should call this container, where a job does not say it itself."""

    MaxConcurrentTransforms: Annotated[int, Field(description="Requests at a time.")]
    BatchStrategy: Annotated[Literal["MULTI_RECORD"], Field(description="Several rows in a request.")]
    MaxPayloadInMB: Annotated[int, Field(description="The largest body.")]


def adopt(environment: MutableMapping[str, str], model_dir: Path = MODEL_DIR) -> None:
    """Set what SageMaker's contract asks for; of the settings, those that the operator made stay.

    Args:
        environment: is added to.
        model_dir: if there is anything in it, that is the model; else the bundled one is.
    """
    environment["PORT"] = environment.get("SAGEMAKER_BIND_TO_PORT") or _PORT
    asked = {"host": "0.0.0.0", "drain_seconds": _DRAIN_SECONDS, "graceful_timeout": _GRACEFUL_TIMEOUT}  # noqa: S104
    if _has_content(model_dir):
        asked["model_dir"] = str(model_dir)
    if environment.get("SAGEMAKER_BATCH", "").lower() == "true":
        asked |= _limits(environment.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", ""))
    for field, value in asked.items():
        if not environment.get(variable(field)):
            environment[variable(field)] = value


def _has_content(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except FileNotFoundError:
        return False


def _limits(payload: str) -> dict[str, str]:
    """The limits of a transform job, which fills its requests with rows up to so many MB."""
    size = int(payload) * _MIB if payload.isdecimal() and int(payload) else MAX_BATCH_BYTES
    return {"max_batch_bytes": str(size), "max_batch_rows": str(size // _SHORTEST_ROW)}
