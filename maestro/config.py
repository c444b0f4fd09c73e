"""Every setting of the installation: its name, type, default and meaning. Nobody else reads the environment."""

import json
import os
import secrets
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import quote, urlsplit

import click


class ConfigError(click.ClickException):
    """A setting that Maestro cannot start with; the text says which and why. Commands refuse with it."""

    def show(self, file=None):
        if "--json" in sys.argv:
            click.echo(json.dumps({"error": self.message, "field": None}))
        super().show(file)


def words(text):
    return tuple(word.strip() for word in text.split(",") if word.strip())


def switch(text):
    return {"0": False, "1": True}[text.strip()]


CONVERT = {int: int, bool: switch, tuple: words, Path: Path, str: str}
RANGES = {"PORT": (1, 65535, ""), "GRACE": (0, 600, " seconds"), "WINDOW": (1, 64, " messages"), "PROXIES": (0, 10, "")}
SCHEMES = {
    "DATABASE_URL": ("sqlite", "postgresql", "postgresql+psycopg"), "REDIS_URL": ("redis", "rediss", "unix"),
    "ADMIN_URL": ("http", "https"), "PUBLIC_URL": ("http", "https"), "CONTENT_URL": ("http", "https")}
NETWORKED = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "lustre")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Read from variables named MAESTRO_ and the field's name."""

    HOST: str = "127.0.0.1"                 # address the web process listens at
    PORT: int = 8080                        # its port
    DATA: Path = Path("instance")           # folder of everything that must be kept
    DATABASE_URL: str = ""                  # sqlite:///... or postgresql://...; empty: SQLite in DATA
    REDIS_URL: str = ""                     # redis:// or unix://; empty: a server of our own on a socket in DATA
    SMTP_URL: str = ""                      # smtp://user:password@host:port?tls=none|starttls, smtps://; empty: safe
    ADMIN_URL: str = ""                     # where users work; empty: http://127.0.0.1:PORT
    PUBLIC_URL: str = ""                    # where links in mails lead; empty: http://127.0.0.1:PORT
    CONTENT_URL: str = ""                   # origin of previews and archives; empty: http://localhost:PORT
    SECRET_KEY: str = field(repr=False)     # master key; made and kept in DATA (0600) when not given
    EGRESS_ALLOW: tuple = ()                # purpose=cidr:port with purpose db, url, ldap, smtp, imap
    IMPORT_DIR: tuple = ()                  # folders from which importers may read files of the server
    FILES: Path | None = None               # uploads and Outbox; empty: DATA/files
    GRACE: int = 60                         # seconds in which a delivery can be undone, 0 to 600
    WINDOW: int = 4                         # messages of a connection whose outcome may be open at a crash
    PROCESSES: tuple = ("web", "worker", "scheduler")
    PROXIES: int = 0                        # number of trusted proxies in front
    PRODUCTION: bool = False                # refuse to start with settings fit for a laptop only
    DNS: str = ""                           # resolver for checks; empty: the system's
    CRASH_AT: str = ""                      # point:n, the process kills itself there (tests only)

    @classmethod
    def from_env(cls, env=None):
        env = os.environ if env is None else env
        given = {}
        for setting in fields(cls):
            text = env.get(f"MAESTRO_{setting.name}", "")
            if text:
                given[setting.name] = convert(setting, text)
        data = Path(given.get("DATA", cls.DATA)).resolve()
        given["DATA"] = data
        given.setdefault("SECRET_KEY", "") or given.update(SECRET_KEY=kept_secret(data))
        return cls(**given).checked()

    @property
    def database_url(self):
        url = self.DATABASE_URL or f"sqlite:///{self.DATA / 'maestro.db'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def sqlite(self):
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_file(self):
        return Path(self.database_url.removeprefix("sqlite:///").partition("?")[0])

    @property
    def redis_socket(self):
        """In DATA; when its name is too long for a socket (107 bytes), in the short folder that DATA/run leads to."""
        path = self.DATA / "redis.sock"
        return path if len(os.fsencode(path)) <= 107 else (self.DATA / "run").resolve() / path.name

    @property
    def redis_url(self):
        return self.REDIS_URL or f"unix://{quote(str(self.redis_socket))}"

    @property
    def files(self):
        return self.FILES or self.DATA / "files"

    @property
    def admin_url(self):
        return (self.ADMIN_URL or f"http://127.0.0.1:{self.PORT}").rstrip("/")

    @property
    def public_url(self):
        return (self.PUBLIC_URL or f"http://127.0.0.1:{self.PORT}").rstrip("/")

    @property
    def content_url(self):
        return (self.CONTENT_URL or f"http://localhost:{self.PORT}").rstrip("/")

    @property
    def is_https(self):
        """Whether users work under https, as everywhere but on this very machine."""
        return self.admin_url.startswith("https://")

    def cookie_name(self, name):
        """The name of a cookie; under https browsers take it from this very host only."""
        return f"__Host-{name}" if self.is_https else name

    @property
    def hosts(self):
        """The host names that are answered: nothing else may appear in a Host header."""
        return sorted({urlsplit(url).hostname for url in (self.admin_url, self.public_url, self.content_url)})

    def checked(self):
        for name, (low, high, unit) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"MAESTRO_{name} must be between {low} and {high}{unit}.")
        for name, schemes in SCHEMES.items():
            check_url(name, getattr(self, name), schemes)
        if self.PRODUCTION:
            self._check_production()
        return self

    def _check_production(self):
        if not all(url.startswith("https://") for url in (self.admin_url, self.public_url, self.content_url)):
            raise ConfigError("MAESTRO_PRODUCTION needs https:// in ADMIN_URL, PUBLIC_URL and CONTENT_URL.")
        admin, public, content = (urlsplit(url).hostname for url in (self.admin_url, self.public_url, self.content_url))
        if content in (admin, public):
            raise ConfigError("MAESTRO_PRODUCTION needs a CONTENT_URL with a host of its own.")
        if self.CRASH_AT:
            raise ConfigError("MAESTRO_CRASH_AT is for tests; it is refused with MAESTRO_PRODUCTION.")
        if self.sqlite and file_system(self.sqlite_file) in NETWORKED:
            raise ConfigError(f"MAESTRO_PRODUCTION refuses SQLite on a network file system ({self.sqlite_file}). "
                              "Put the data folder on a disk of this machine, or use PostgreSQL.")


def check_url(name, url, schemes):
    """Refuse a URL that nothing of ours could open; one of a web page has to name a host."""
    scheme, _, rest = url.partition("://")
    if url and (scheme not in schemes or not rest):
        raise ConfigError(f"MAESTRO_{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes[:2])}.")
    if url and "http" in schemes and not names_host(url):
        raise ConfigError(f"MAESTRO_{name} must name a host, such as https://news.example.org.")


def names_host(url):
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        return False


def file_system(path, mounts=Path("/proc/self/mounts")):
    """The type of the file system that holds `path`, "" where the system does not say."""
    if not mounts.exists():
        return ""
    places = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    holding = [(place.replace("\\040", " "), kind) for place, kind in places]
    around = [(len(place), kind) for place, kind in holding if Path(path).resolve().is_relative_to(place)]
    return max(around, key=lambda found: found[0], default=(0, ""))[1]


def convert(setting, text):
    kind = Path if setting.name == "FILES" else setting.type
    try:
        return CONVERT[kind](text)
    except (ValueError, KeyError):
        wanted = "0 or 1" if kind is bool else "a whole number"
        raise ConfigError(f"MAESTRO_{setting.name} must be {wanted}, not {text!r}.") from None


def kept_secret(data):
    """The master key of this data folder, made at the first start and readable by its owner only."""
    try:
        return secret(data / "secret.key")
    except OSError as problem:
        raise ConfigError(f"MAESTRO_DATA: {problem.filename}: {problem.strerror}.") from None


def secret(path):
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others. Give it mode 0600.")
    return path.read_text().strip()
