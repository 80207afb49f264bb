"""Which Debian mirror and keyring a host uses, from its apt sources in both forms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.adapters.docker import supply_apt
from orchestrator.errors import EnvironmentNotFit

DEBIAN = "ID=debian\nVERSION_CODENAME=bookworm\n"
UBUNTU = 'ID=ubuntu\nVERSION_CODENAME="noble"\n'
#: Nothing is said: mmdebstrap goes to Debian's own mirror by itself.
DEFAULT = ""
Host = Callable[..., str]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """The line for mmdebstrap on a host with these files below /etc/apt; ``{key}`` is Debian's keyring."""
    key = tmp_path / "debian-archive-keyring.gpg"
    key.touch()
    (tmp_path / "corp.gpg").touch()
    monkeypatch.setattr(supply_apt, "_APT", tmp_path / "apt")
    monkeypatch.setattr(supply_apt, "_KEYRING", key)
    monkeypatch.setattr(supply_apt, "_OS_RELEASE", tmp_path / "os-release")

    def line(os_release: str, **files: str) -> str:
        (tmp_path / "os-release").write_text(os_release)
        (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
        for name, text in files.items():
            folder = tmp_path / "apt" if name == "sources_list" else tmp_path / "apt" / "sources.list.d"
            (folder / name.replace("_", ".")).write_text(
                text.replace("{key}", str(key)).replace("{tmp}", str(tmp_path))
            )
        return supply_apt.debian_source("trixie").replace(str(tmp_path), "")

    return line


def expected(mirror: str, key: str = "debian-archive-keyring.gpg") -> str:
    return f"deb [signed-by=/{key}] {mirror} trixie main" if mirror else ""


def test_the_deb822_form(host: Host) -> None:
    text = """Types: deb
# http://snapshot.example/archive
URIs: http://mirror.example/debian http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: {tmp}/corp.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: {key}
"""
    assert host(DEBIAN, debian_sources=text) == expected("http://mirror.example/debian", "corp.gpg")


def test_a_key_inside_the_text_is_no_file(host: Host) -> None:
    text = """Types: deb deb-src
URIs: http://mirror.example/debian
Suites:
 bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 /mQINBF
"""
    assert host(DEBIAN, debian_sources=text.replace("/mQ", "mQ")) == expected("http://mirror.example/debian")


@pytest.mark.parametrize(
    ("text", "mirror"),
    [
        ("deb http://corp.example/d bookworm main contrib # ours\n", "http://corp.example/d"),
        ("deb [ arch=amd64 signed-by={key} ] http://corp.example/d stable main\n", "http://corp.example/d"),
        ("#deb http://off.example/debian bookworm main\n", DEFAULT),
        ("deb-src http://off.example/debian bookworm main\n", DEFAULT),
        ("deb cdrom:[Debian GNU/Linux 12 _Bookworm_]/ bookworm main\n", DEFAULT),
        ("deb http://off.example/debian bookworm contrib\n", DEFAULT),
        ("deb http://off.example/debian-security bookworm-security main\n", DEFAULT),
    ],
)
def test_the_one_line_form(host: Host, text: str, mirror: str) -> None:
    assert host(DEBIAN, sources_list=text) == expected(mirror)


def test_a_mirror_that_is_trusted_without_a_key_stays_so(host: Host) -> None:
    line = host(DEBIAN, sources_list="deb [trusted=yes] file:/srv/debian trixie main\n")
    assert line == "deb [trusted=yes] file:/srv/debian trixie main"


def test_a_file_of_the_hosts_own_in_sources_list_d(host: Host) -> None:
    assert host(DEBIAN, corp_list="deb http://corp.example/debian bookworm main\n") == expected(
        "http://corp.example/debian"
    )


def test_third_parties_are_no_mirror_of_debian(host: Host) -> None:
    others = {
        "a_list": "deb [signed-by=/a.gpg] https://packages.example/php bookworm main\n",
        "b_list": "deb [signed-by=/b.gpg] https://packages.example/debian/12/prod bookworm main\n",
        "c_list": "deb https://apt.example stable main\n",
    }
    own = "deb http://corp.example/debian bookworm main\n"
    assert host(DEBIAN, sources_list=own, **others) == expected("http://corp.example/debian")


def test_a_host_that_is_no_debian_gets_debians_own_mirror(host: Host) -> None:
    text = "deb http://archive.example/ubuntu noble main\ndeb http://ppa.example/debian stable main\n"
    assert host(UBUNTU, sources_list=text) == expected(DEFAULT)


def test_without_debians_keyring_the_command_is_told(host: Host, tmp_path: Path) -> None:
    (tmp_path / "debian-archive-keyring.gpg").unlink()
    with pytest.raises(EnvironmentNotFit, match="sudo apt-get install --yes debian-archive-keyring") as caught:
        host(UBUNTU)
    assert caught.value.hint == "sudo apt-get install --yes debian-archive-keyring"
