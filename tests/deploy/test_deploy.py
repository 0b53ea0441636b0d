"""What can be checked of deploy/ on a bare machine: by reading, and by tools if present."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from api.config import DEFAULTS, PREFIX

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KEY = re.compile(r"COUNTERFOIL_[A-Z_]+")


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def documented() -> dict[str, str]:
    """Key to the default that the environment file shows."""
    pattern = r"^#?(COUNTERFOIL_[A-Z_]+)=(.*)$"
    found = re.findall(pattern, text("counterfoil.env.example"), re.MULTILINE)
    assert len(found) == len(dict(found)), "a key is documented twice"
    return dict(found)


def test_the_environment_file_documents_every_key_with_its_default() -> None:
    known = {PREFIX + name: value for name, value in DEFAULTS.items()}

    assert documented() == {**known, "COUNTERFOIL_CONFIG": ""}


@pytest.mark.parametrize(
    "name",
    [
        "Containerfile",
        "compose.yaml",
        "counterfoil.service",
        "RUNBOOK.md",
        "nginx.conf",
    ],
)
def test_no_file_names_a_key_that_is_not_documented(name: str) -> None:
    assert set(KEY.findall(text(name))) <= documented().keys()


def test_every_file_ends_with_a_newline_and_has_no_trailing_space() -> None:
    for path in DEPLOY.iterdir():
        if path.is_dir():
            continue
        lines = path.read_text(encoding="utf-8")
        assert lines.endswith("\n"), path.name
        wrong = [
            n for n, line in enumerate(lines.split("\n"), 1) if line != line.rstrip()
        ]
        assert wrong == [], path.name


def instructions() -> list[tuple[str, str]]:
    joined = text("Containerfile").replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [
        (word, rest.strip()) for word, _, rest in (li.partition(" ") for li in lines)
    ]


def test_the_image_runs_without_root_and_says_when_it_is_healthy() -> None:
    last_stage: dict[str, str] = {}
    for word, rest in instructions():
        if word == "FROM":
            last_stage = {}
        last_stage[word] = rest

    user = last_stage["USER"].split(":")
    assert all(part.isdigit() and int(part) >= 1000 for part in user)
    assert "/health/ready" in last_stage["HEALTHCHECK"]
    assert last_stage["STOPSIGNAL"] == "SIGTERM"
    assert last_stage["CMD"].startswith("["), "a shell would swallow SIGTERM"


def test_images_name_a_version_and_no_registry() -> None:
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    images += re.findall(r"^\s+image: (\S+)$", text("compose.yaml"), re.MULTILINE)

    assert len(images) == 4
    for image in images:
        assert "/" not in image
        assert image == "counterfoil" or re.fullmatch(r"\w+:\d[\w.-]*", image)


def test_what_the_image_copies_exists() -> None:
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists(), name


def test_compose_holds_no_password_and_opens_no_port_to_the_world() -> None:
    compose = text("compose.yaml")

    assert not re.search(
        r"^\s+\w*PASSWORD\w*:\s*(?!/run/secrets/)\S", compose, re.MULTILINE
    )
    assert "POSTGRES_PASSWORD_FILE: /run/secrets/database_password" in compose
    assert re.findall(r"^\s+- (\S+:\d+:\d+)$", compose, re.MULTILINE) == [
        "127.0.0.1:8080:8080"
    ]
    assert "read_only: true" in compose
    assert "cap_drop: [ALL]" in compose


def test_compose_declares_every_volume_and_secret_it_uses() -> None:
    compose = text("compose.yaml")
    services, declared = compose.split("\nsecrets:\n")
    used = set(re.findall(r"^\s+- (\w+):/", services, re.MULTILINE))

    assert used == set(
        re.findall(r"^  (\w+):$", declared.split("volumes:\n")[1], re.MULTILINE)
    )
    assert set(re.findall(r"secrets: \[(\w+)\]", services)) == {"database_password"}


def test_compose_is_indented_by_twos_and_never_by_tabs() -> None:
    for line in text("compose.yaml").splitlines():
        assert "\t" not in line
        indent = len(line) - len(line.lstrip(" "))
        assert line.lstrip().startswith("#") or indent % 2 == 0, line


def test_the_unit_is_hardened() -> None:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(text("counterfoil.service"))
    service = dict(unit["Service"])

    for name in ("DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp"):
        assert service[name] == "yes", name
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["KillSignal"] == "SIGTERM"
    assert service["ExecStart"].endswith("/counterfoil serve")


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    # The command does not exist here: give it one that does.
    unit = tmp_path / "counterfoil.service"
    unit.write_text(
        text("counterfoil.service").replace(
            "/opt/counterfoil/bin/counterfoil", "/bin/true"
        )
    )

    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert str(unit) not in done.stderr
    assert "counterfoil.service" not in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxies_have_balanced_braces_and_keep_the_contract(name: str) -> None:
    config = re.sub(r"^\s*#.*$", "", text(name), flags=re.MULTILINE)
    quiet = re.sub(r"\"[^\"]*\"|'[^']*'", "", config)

    assert quiet.count("{") == quiet.count("}")
    assert "/v1/entries/stream" in config
    assert re.search(r"17m", config, re.IGNORECASE), "a batch of 16 MiB must pass"
    assert "/metrics" in config
    assert "127.0.0.1:8080" in config


def test_nginx_never_sends_a_request_twice_and_never_holds_the_stream_back() -> None:
    config = text("nginx.conf")

    assert "proxy_next_upstream off;" in config
    assert "proxy_buffering off;" in config
    for line in config.splitlines():
        bare = line.split("#")[0].strip()
        assert not bare or bare[-1] in ";{}" or "proxy_cache_path" in bare, line


@pytest.mark.parametrize(
    "heading",
    [
        *("Create a ledger", "Start and stop", "Back up", "Restore", "Rotate"),
        *("refuses to sign", "Disk full", "clock was set back", "Several hosts"),
        "What to watch",
    ],
)
def test_the_runbook_has_a_section_for(heading: str) -> None:
    assert re.search(rf"^## .*{heading}", text("RUNBOOK.md"), re.MULTILINE)
