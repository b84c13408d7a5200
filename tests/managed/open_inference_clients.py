"""What tritonclient and KServe's client get: run by the Python of an environment that has the one or the other."""

from __future__ import annotations

import asyncio
import sys

import numpy as np

TUMORS = np.array([[4, 1, 2, 1, 2, np.nan, 1, 1, 1], [10] * 9])
EXPECTED = ["benign", "malignant"]


def triton(address: str) -> None:
    from tritonclient import http  # noqa: PLC0415
    from tritonclient.utils import InferenceServerException  # noqa: PLC0415

    client = http.InferenceServerClient(address)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("oncology")  # noqa: PT018
    metadata = client.get_model_metadata("oncology")
    tensor = http.InferInput("tumors", TUMORS.shape, "FP64")
    tensor.set_data_from_numpy(TUMORS, binary_data=False)
    result = client.infer("oncology", [tensor], request_id="42", model_version=metadata["versions"][0])
    assert result.as_numpy("prediction").tolist() == EXPECTED
    assert result.get_response()["id"] == "42"
    named = []
    for told, column in zip(metadata["inputs"], TUMORS.T, strict=True):
        values = column.astype(np.float64 if told["datatype"] == "FP64" else np.int64).reshape(-1, 1)
        named.append(http.InferInput(told["name"], values.shape, told["datatype"]))
        named[-1].set_data_from_numpy(values, binary_data=False)
    wanted = [http.InferRequestedOutput("probability", binary_data=False)]
    again = client.infer("oncology", named, outputs=wanted)
    assert again.as_numpy("probability").tolist() == result.as_numpy("probability").tolist()
    tensor.set_data_from_numpy(TUMORS)
    told = ""
    try:
        client.infer("oncology", [tensor])
    except InferenceServerException as error:
        told = str(error)
    assert "binary_data=False" in told


async def kserve(address: str) -> None:
    from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig  # noqa: PLC0415

    client, url = InferenceRESTClient(RESTConfig(protocol="v2")), f"http://{address}"
    assert await client.is_server_live(url)
    assert await client.is_server_ready(url)
    assert await client.is_model_ready(url, "oncology")
    tensor = InferInput("tumors", list(TUMORS.shape), "FP64")
    tensor.set_data_from_numpy(TUMORS, binary_data=False)
    answer = await client.infer(url, InferRequest("oncology", [tensor], request_id="42"), model_name="oncology")
    outputs = {output.name: output.as_numpy().tolist() for output in answer.outputs}
    assert outputs["prediction"] == EXPECTED
    assert answer.id == "42"


if __name__ == "__main__":
    triton(sys.argv[2]) if sys.argv[1] == "triton" else asyncio.run(kserve(sys.argv[2]))
    print("as expected")
