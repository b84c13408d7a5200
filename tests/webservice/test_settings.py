"""Settings: read from the environment, and wrong ones said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from webservice.settings import Settings, SettingsError, settings_or_exit, variable


def refusal(**environment: str) -> str:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(environment)
    return str(raised.value)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_the_defaults_are_those_of_a_laptop() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.max_body_bytes) == ("127.0.0.1", 8080, 1024 * 1024)
    assert settings.model_dir is None


def test_every_setting_is_read() -> None:
    given = {
        "model_dir": "/artifact",
        "model_digest": "a" * 64,
        "api_keys_file": "/keys/keys",
        "port": "9000",
        "server": "granian",
        "metrics_port": "9100",
        "host": "0.0.0.0",  # noqa: S104
        "drain_seconds": "3",
        "proxy_hops": "1",
        "cors_origins": "https://clinic.example,http://localhost:3000",
        "max_body_bytes": "2048",
        "max_batch_rows": "10",
        "max_batch_bytes": "4096",
        "workers": "3",
        "threads": "5",
        "graceful_timeout": "6",
        "keepalive": "7",
    }
    assert given.keys() == Settings.model_fields.keys()
    settings = Settings.from_environment({variable(field): value for field, value in given.items()})
    assert settings.model_dir == Path("/artifact")
    assert {field: str(getattr(settings, field)) for field in given} == given


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environment({"ONCOLOGY_THREADS": "", "PORT": ""}) == Settings()


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.from_environment({"PATH": "/bin", "ONCOLOGIST": "Wolberg"}) == Settings()


def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant() -> None:
    assert refusal(ONCOLOGY_THREDS="4") == "ONCOLOGY_THREDS is not a setting (did you mean ONCOLOGY_THREADS?)"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "http", "Input should be a valid integer, unable to parse string as an integer"),
        ("PORT", "0", "Input should be greater than or equal to 1"),
        ("PORT", "65536", "Input should be less than or equal to 65535"),
        ("ONCOLOGY_WORKERS", "0", "Input should be greater than or equal to 1"),
        ("ONCOLOGY_THREADS", "1e3", "Input should be a valid integer, unable to parse string as an integer"),
        ("ONCOLOGY_MAX_BODY_BYTES", "1", "Input should be greater than or equal to 1024"),
        ("ONCOLOGY_MODEL_DIGEST", "abc", "String should match pattern '^[0-9a-fA-F]{64}$'"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: str, reason: str) -> None:
    assert refusal(**{name: value}) == f"{name} is {value!r}: {reason}"


def test_all_wrong_settings_are_named_at_once() -> None:
    message = refusal(PORT="x", ONCOLOGY_WORKERS="y", ONCOLOGY_COLOUR="pink")
    assert all(name in message for name in ("PORT", "ONCOLOGY_WORKERS", "ONCOLOGY_COLOUR"))
    assert "\n" not in message


def test_what_kubernetes_sets_for_a_service_called_oncology_is_no_setting() -> None:
    links = {
        "ONCOLOGY_SERVICE_HOST": "10.0.0.11",
        "ONCOLOGY_SERVICE_PORT": "80",
        "ONCOLOGY_SERVICE_PORT_HTTP": "80",
        "ONCOLOGY_PORT": "tcp://10.0.0.11:80",
        "ONCOLOGY_PORT_80_TCP": "tcp://10.0.0.11:80",
        "ONCOLOGY_PORT_80_TCP_PROTO": "tcp",
        "ONCOLOGY_PORT_80_TCP_PORT": "80",
        "ONCOLOGY_PORT_80_TCP_ADDR": "10.0.0.11",
        "ONCOLOGY_WEBSERVICE_PORT": "tcp://10.0.0.12:80",
    }
    assert Settings.from_environment(links) == Settings()


def test_the_port_is_not_set_by_the_name_that_kubernetes_takes() -> None:
    assert refusal(ONCOLOGY_PORT="9000").startswith("ONCOLOGY_PORT is not a setting (did you mean ")


def test_wrong_settings_end_the_process_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONCOLOGY_THREADS", "many")
    with pytest.raises(SystemExit) as exited:
        settings_or_exit()
    assert exited.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("oncology: wrong settings: ONCOLOGY_THREADS is 'many': ")
    assert message.count("\n") == 1


def test_settings_made_in_python_are_checked_too() -> None:
    with pytest.raises(ValidationError):
        Settings(thredas=4)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),  # noqa: S104
        ("::", "http://[::1]:9000"),
    ],
)
def test_the_address_is_told_as_a_browser_takes_it(host: str, url: str) -> None:
    assert Settings(host=host, port=9000).url == url
