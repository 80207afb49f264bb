"""Where this host gets Debian's packages from: its apt sources in both forms (sources.list(5)), only read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import EnvironmentNotFit

_APT = Path("/etc/apt")
_OS_RELEASE = Path("/etc/os-release")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: The distribution's own files; all others may be anybody's.
_OWN = frozenset({"sources.list", "debian.sources"})
_ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>[^#]+)")


@dataclass(frozen=True)
class _Entry:
    """One binary source. ``own``: from the distribution's own file; ``keyring``: None when it names no file."""

    uri: str
    suites: frozenset[str]
    components: frozenset[str]
    keyring: Path | None
    trusted: bool
    own: bool

    @property
    def likeness(self) -> int:
        """How much it looks like Debian's own archive or a mirror of it; 0 for a third party's packages."""
        debians_key = self.keyring is not None and self.keyring.name.startswith("debian-archive")
        return self.own + ("debian" in self.uri.lower()) + debians_key


def debian_source(suite: str) -> str:
    """One line for mmdebstrap: the host's own Debian mirror and keyring; "" where the host is no Debian.

    With "" mmdebstrap goes to Debian's own mirror by itself.

    Raises EnvironmentNotFit when the keyring is not there.
    """
    known = _suites_of_host() | {suite}
    entries = [one for one in _entries() if one.suites & known and "main" in one.components and one.likeness]
    best = max(entries, key=lambda one: one.likeness, default=None)  # the first of equals, in apt's order
    if best and best.trusted:
        return f"deb [trusted=yes] {best.uri} {suite} main"
    keyring = (best and best.keyring) or _KEYRING
    if not keyring.is_file():
        command = "sudo apt-get install --yes debian-archive-keyring"
        raise EnvironmentNotFit(
            f"the base image cannot be built here: Debian's keyring is not at {keyring}; to install it: {command}",
            hint=command,
        )
    return f"deb [signed-by={keyring}] {best.uri} {suite} main" if best else ""


def _suites_of_host() -> frozenset[str]:
    """What a Debian host calls its own release; nothing on other distributions, whose mirrors have no Debian."""
    lines = _OS_RELEASE.read_text(encoding="utf-8").splitlines() if _OS_RELEASE.is_file() else []
    values = {name: value.strip("\"'") for name, _, value in (line.partition("=") for line in lines)}
    if values.get("ID") != "debian":
        return frozenset()
    return frozenset({values.get("VERSION_CODENAME", ""), "stable", "testing"} - {""})


def _entries() -> Iterator[_Entry]:
    """In the order in which apt reads them."""
    parts = _APT / "sources.list.d"
    for path in (_APT / "sources.list", *sorted((*parts.glob("*.list"), *parts.glob("*.sources")))):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield from (_stanzas if path.suffix == ".sources" else _lines)(text, path.name in _OWN)


def _lines(text: str, own: bool) -> Iterator[_Entry]:
    """``deb [signed-by=/a.gpg] http://mirror/debian trixie main``."""
    for line in text.splitlines():
        found = _ONE_LINE.match(line.strip())
        if found is None or found["uri"].startswith("cdrom:"):
            continue
        options = {
            name.lower(): value for name, _, value in (one.partition("=") for one in (found["options"] or "").split())
        }
        yield _Entry(
            uri=found["uri"],
            suites=frozenset({found["suite"]}),
            components=frozenset(found["components"].split()),
            keyring=_keyring(options.get("signed-by", "")),
            trusted=options.get("trusted") == "yes",
            own=own,
        )


def _stanzas(text: str, own: bool) -> Iterator[_Entry]:
    """The deb822 form: paragraphs of ``Field: value``, continued on indented lines."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line}"
            else:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value
        uris = [uri for uri in fields.get("uris", "").split() if not uri.startswith("cdrom:")]
        if not uris or "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").strip() == "no":
            continue
        yield _Entry(
            uri=uris[0],
            suites=frozenset(fields.get("suites", "").split()),
            components=frozenset(fields.get("components", "").split()),
            keyring=_keyring(fields.get("signed-by", "")),
            trusted=fields.get("trusted", "").strip() == "yes",
            own=own,
        )


def _keyring(value: str) -> Path | None:
    """The first file that is named; a key in the text, or a fingerprint, is none."""
    return next((Path(word) for word in re.split(r"[\s,]+", value) if word.startswith("/")), None)
