"""The peers: how each one is started for production on one core, and what it calls a tumour and a probability."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Row = Mapping[str, int]

FOLDER: Final = Path(__file__).parent / "peers"
REPOSITORY: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Launch:
    """What a peer is told when it is started."""

    binaries: Path
    """Where its environment has its commands."""
    artifact: Path
    """The folder with ``model.joblib`` and ``manifest.json``."""
    scratch: Path
    """A folder of its own."""
    ports: tuple[int, int, int]
    """Free ones, the first for predictions."""
    workers: int


@dataclass(frozen=True, slots=True)
class Dialect:
    """One route that predicts, and what it says there."""

    path: str
    encode: Callable[[Sequence[Row]], Any]
    """Tumours to a JSON document; a route for single tumours gets one."""
    decode: Callable[[Any], list[float]]
    """The answer to probabilities of malignancy."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to serve the artifact."""

    name: str
    """Of its folder in ``benchmarks/peers`` and of its environment."""
    title: str
    packages: tuple[str, ...]
    """Whose versions the report names."""
    command: Callable[[Launch], list[str]]
    environment: Callable[[Launch], dict[str, str]]
    single: Dialect
    batch: Dialect
    constant: str
    """The route on which the same server answers a constant."""
    prepare: Callable[[Launch], list[str]] | None = None
    """A command to run once before the server starts."""
    ours: bool = False
    extra: tuple[str, ...] = ()
    """What a set-up of this service needs beside the service's own packages."""


def _own(launch: Launch) -> dict[str, str]:
    """What our own few lines for a peer read."""
    return {
        "BENCH_ARTIFACT": str(launch.artifact),
        "BENCH_PORT": str(launch.ports[0]),
        "BENCH_WORKERS": str(launch.workers),
    }


def _mlserver(launch: Launch) -> dict[str, str]:
    # On one core its own inference worker would only add a hop, so that the one process is served with none, as its
    # documentation advises; each further worker is one of those. No debug: that also turns the access log off.
    return {
        "MLSERVER_HTTP_PORT": str(launch.ports[0]),
        "MLSERVER_GRPC_PORT": str(launch.ports[1]),
        "MLSERVER_METRICS_PORT": str(launch.ports[2]),
        "MLSERVER_PARALLEL_WORKERS": str(0 if launch.workers == 1 else launch.workers),
        "MLSERVER_DEBUG": "false",
        "MLSERVER_MODEL_NAME": "oncology",
        "MLSERVER_MODEL_IMPLEMENTATION": "mlserver_sklearn.SKLearnModel",
        "MLSERVER_MODEL_URI": str(launch.artifact / "model.joblib"),
    }


def _service(server: str) -> Callable[[Launch], dict[str, str]]:
    return lambda launch: {
        "PYTHONPATH": str(REPOSITORY),
        "PORT": str(launch.ports[0]),
        "ONCOLOGY_METRICS_PORT": str(launch.ports[1]),
        "ONCOLOGY_WORKERS": str(launch.workers),
        "ONCOLOGY_MODEL_DIR": str(launch.artifact),
        "ONCOLOGY_SERVER": server,
    }


def _uvicorn(launch: Launch) -> list[str]:
    # With uvicorn[standard] it finds uvloop and httptools by itself.
    address = ["--host", "127.0.0.1", "--port", str(launch.ports[0]), "--workers", str(launch.workers)]
    return [str(launch.binaries / "uvicorn"), "app:app", "--no-access-log", "--log-level", "warning", *address]


def _mlflow_model(launch: Launch) -> str:
    return str(launch.scratch / "model")


_OPEN_INFERENCE: Final = Dialect(
    "/v2/models/oncology/infer",
    lambda rows: {
        "parameters": {"content_type": "pd"},
        "inputs": [
            {"name": name, "shape": [len(rows)], "datatype": "INT64", "data": [row[name] for row in rows]}
            for name in rows[0]
        ],
        "outputs": [{"name": "predict_proba"}],
    },
    lambda answer: answer["outputs"][0]["data"][1::2],
)
_BENTOML: Final = Dialect("/predict", lambda rows: {"tumors": list(rows)}, lambda answer: answer)
_LITSERVE: Final = Dialect("/predict", lambda rows: {"tumors": list(rows)}, lambda answer: answer["probability"])
_MLFLOW: Final = Dialect(
    "/invocations",
    lambda rows: {"dataframe_split": {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}},
    lambda answer: answer["predictions"],
)
_SINGLE: Final = Dialect("/predict", lambda rows: rows[0], lambda answer: [answer["probability"]])
_BATCH: Final = Dialect("/predict/batch", list, lambda answer: [one["probability"] for one in answer])


def service(name: str, title: str, server: str, command: Callable[[Launch], list[str]] | None = None) -> Peer:
    """This service behind ``server``, started as its image does by default."""
    return Peer(
        name,
        title,
        (server, "flask-restx"),
        command or (lambda launch: [str(launch.binaries / "python"), "-m", "webservice"]),
        _service(server),
        _SINGLE,
        _BATCH,
        "/livez",
        ours=True,
    )


PEERS: Final = (
    service("oncology", "this service, gunicorn", "gunicorn"),
    service("oncology_granian", "this service, granian", "granian"),
    Peer(
        "fastapi_classifier",
        "FastAPI + our Classifier",
        ("fastapi", "uvicorn"),
        _uvicorn,
        lambda launch: _own(launch) | {"PYTHONPATH": str(REPOSITORY)},
        _SINGLE,
        _BATCH,
        "/health",
    ),
    Peer(
        "fastapi_sklearn",
        "FastAPI + scikit-learn",
        ("fastapi", "uvicorn", "scikit-learn"),
        _uvicorn,
        _own,
        _SINGLE,
        _BATCH,
        "/health",
    ),
    Peer(
        "mlserver",
        "MLServer",
        ("mlserver", "scikit-learn"),
        lambda launch: [str(launch.binaries / "mlserver"), "start", "."],
        _mlserver,
        _OPEN_INFERENCE,
        _OPEN_INFERENCE,
        "/v2/health/live",
    ),
    Peer(
        "bentoml",
        "BentoML",
        ("bentoml", "scikit-learn"),
        lambda launch: [
            *(str(launch.binaries / "bentoml"), "serve", "service:Oncology"),
            *("--host", "127.0.0.1", "--port", str(launch.ports[0])),
        ],
        lambda launch: _own(launch) | {"BENTOML_HOME": str(launch.scratch), "BENTOML_DO_NOT_TRACK": "true"},
        _BENTOML,
        _BENTOML,
        "/livez",
    ),
    Peer(
        "litserve",
        "LitServe",
        ("litserve", "scikit-learn"),
        lambda launch: [str(launch.binaries / "python"), "server.py"],
        _own,
        _LITSERVE,
        _LITSERVE,
        "/health",
    ),
    Peer(
        "mlflow",
        "MLflow",
        ("mlflow", "scikit-learn"),
        lambda launch: [
            *(str(launch.binaries / "mlflow"), "models", "serve", "--model-uri", _mlflow_model(launch)),
            *("--env-manager", "local", "--host", "127.0.0.1", "--port", str(launch.ports[0])),
            *("--workers", str(launch.workers)),
        ],
        lambda _: {},
        _MLFLOW,
        _MLFLOW,
        "/ping",
        prepare=lambda launch: [
            *(str(launch.binaries / "python"), "loader.py"),
            *(str(launch.artifact / "model.joblib"), _mlflow_model(launch)),
        ],
    ),
)
