"""Settings from the command line, the environment and `pytlas.ini`, as one checked value."""

from __future__ import annotations

import configparser
import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import attrs
import platformdirs
from attrs import field, frozen

from pytlas_wamp.config.cluster import KEY_FILE_NAME, ClusterConfig
from pytlas_wamp.config.settings import BY_KEY, OWN_SECTIONS, SETTINGS, Setting
from pytlas_wamp.config.values import GOOD_SECRET, sqlite_url
from pytlas_wamp.errors import ConfigError
from pytlas_wamp.limits import Limits

Options = Mapping[str, str | os.PathLike[str] | Sequence[str] | None]

CONFIG_FILE_NAME: Final = "pytlas.ini"

_OF_A_CLUSTER: Final = ("role", "name", "routers", "languages", "processes")

_COMMAND_LINE, _ENVIRONMENT, _FILE, _DEFAULT = range(4)


@frozen(kw_only=True)
class Config:
    """All settings, checked, with every path absolute."""

    data_dir: Path
    config_file: Path | None
    listen: tuple[str, ...]
    skills_dir: Path
    cache_dir: Path
    bundled_skills: tuple[str, ...] | None
    language: str
    allowed_languages: tuple[str, ...]
    interpreter: str
    # A repr ends up in logs, hence not what may hold passwords.
    database_url: str = field(repr=False)
    secret: str | None = field(repr=False)
    access_lifetime_seconds: int
    refresh_lifetime_seconds: int
    device_lifetime_seconds: int
    token_leeway_seconds: int
    skill_installation: bool
    trusted_proxies: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    skill_deadlines: Mapping[str, float]
    history: bool
    metrics: str
    log_format: str
    limits: Limits
    skill_sections: Mapping[str, Mapping[str, str]] = field(repr=False)
    cluster: ClusterConfig = field(factory=ClusterConfig)
    warnings: tuple[str, ...] = ()


@frozen(kw_only=True)
class _Text:
    """A value as somebody wrote it, and where."""

    rank: int
    text: str
    base: Path
    origin: str


@frozen(kw_only=True)
class _Found:
    """A value as it is used; the lower the rank, the nearer the person who wrote it."""

    rank: int
    value: Any


@frozen(kw_only=True)
class _Sources:
    """The three places that values come from."""

    options: Options
    environ: Mapping[str, str]
    parser: configparser.ConfigParser
    sections: Mapping[str, Mapping[str, str]]
    config_file: Path | None

    def texts(self, setting: Setting) -> Iterator[_Text]:
        """Yield what was written for a setting, the one that counts first."""
        option = _option_text(self.options, setting.option)
        if option:
            origin = f"--{(setting.option or '').replace('_', '-')}"
            yield _Text(rank=_COMMAND_LINE, text=option, base=Path.cwd(), origin=origin)
        # Compose files pass variables on that are not set as empty ones.
        variable = self.environ.get(setting.variable)
        if variable:
            origin = f"the environment variable {setting.variable}"
            yield _Text(rank=_ENVIRONMENT, text=variable, base=Path.cwd(), origin=origin)
        written = self.sections.get(setting.section, {}).get(setting.key)
        if written is not None and self.config_file is not None:
            base, origin = self.config_file.parent, str(self.config_file)
            yield _Text(rank=_FILE, text=written, base=base, origin=origin)
        if setting.default is not None:
            yield _Text(rank=_DEFAULT, text=setting.default, base=Path.cwd(), origin="the default")


def _option_text(options: Options, name: str | None) -> str:
    value = None if name is None else options.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    return os.fspath(value) if isinstance(value, os.PathLike) else "\n".join(value)


def read_config(
    *, config_file: Path | None, options: Options, environ: Mapping[str, str]
) -> Config:
    """Read all settings; the command line goes before the environment, that before the file.

    Nothing is created or written.

    Args:
      config_file: the file named on the command line; without one, `pytlas.ini` in the data
        directory is read if it exists.
      options: what the command line said: `data_dir`, `skills_dir`, `database`, `interpreter`,
        `role`, `name`, `processes` (texts or paths), `listen` and `router` (lists); None and
        empty values count as absent.
      environ: the environment, usually `os.environ`.

    Raises:
      ConfigError: with all problems at once.
    """
    problems: list[str] = []
    path, parser = _read_file(config_file, options, environ, problems)
    sources = _Sources(
        options=options,
        environ=environ,
        parser=parser,
        sections=_interpolated(parser, path, problems),
        config_file=path,
    )
    problems.extend(_misplaced(sources))
    found = {setting.key: _look_up(setting, sources, problems) for setting in SETTINGS}
    if problems:
        raise ConfigError(problems)
    config = _assembled(found, sources)
    problems.extend(config.cluster.problems(config.database_url))
    if problems:
        raise ConfigError(problems)
    return config


def _look_up(setting: Setting, sources: _Sources, problems: list[str]) -> _Found:
    for text in sources.texts(setting):
        try:
            return _Found(rank=text.rank, value=setting.parse(text.text, text.base))
        except ValueError as error:
            shown = "the value" if setting.private else _shown(text.text)
            problems.append(
                f"[{setting.section}] {setting.key}: {shown} from {text.origin} is not valid; "
                f"it must be {error}"
            )
    return _Found(rank=_DEFAULT, value=None)


def _shown(text: str, most: int = 80) -> str:
    return ascii(text if len(text) <= most else f"{text[:most]}...")


def _default_data_dir() -> Path:
    return platformdirs.user_data_path("pytlas-wamp", appauthor=False)


def _read_file(
    named: Path | None, options: Options, environ: Mapping[str, str], problems: list[str]
) -> tuple[Path | None, configparser.ConfigParser]:
    parser = configparser.ConfigParser()
    nothing = _Sources(
        options=options, environ=environ, parser=parser, sections={}, config_file=None
    )
    # A bad data directory is reported with all other settings, hence not here.
    data_dir = _look_up(BY_KEY["data_dir"], nothing, []).value or _default_data_dir()
    path = data_dir / CONFIG_FILE_NAME if named is None else Path.cwd() / named
    try:
        # Editors on Windows begin the file with a byte order mark.
        parser.read_string(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        if named is None:
            return None, parser
        problems.append(f"The configuration file {path} does not exist; --config names a file")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(f"{path}, line {line}: is not UTF-8; save the file in that encoding")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        problems.append(f"The configuration file {path} cannot be read: {reason}")
    except configparser.Error as error:
        problems.extend(f"{path}, {sentence}" for sentence in _syntax_problems(error))
        return path, configparser.ConfigParser()
    return path, parser


def _syntax_problems(error: configparser.Error) -> Iterator[str]:
    # The texts of configparser repeat the line, which may hold the secret.
    if isinstance(error, configparser.DuplicateOptionError):
        what = f"sets [{error.section}] {error.option} a second time; keep one of the two"
    elif isinstance(error, configparser.DuplicateSectionError):
        what = f"begins [{error.section}] a second time; put both parts under one heading"
    elif isinstance(error, configparser.MissingSectionHeaderError):
        what = "stands before the first section; begin the file with one such as [pytlas]"
    else:
        what = "is neither a [section], nor a key = value, nor a # comment"
    several = [number for number, _ in getattr(error, "errors", ())]
    for number in several or [getattr(error, "lineno", None)]:
        yield f"line {number}: {what}"


def _interpolated(
    parser: configparser.ConfigParser, path: Path | None, problems: list[str]
) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for section in parser.sections():
        values = sections[section] = {}
        for key in parser.options(section):
            try:
                values[key] = parser.get(section, key)
            except configparser.InterpolationError:
                problems.append(
                    f"[{section}] {key}: the value from {path} has a % that is not a reference; "
                    "write %% for a percent sign, or %(key)s for the value of another key"
                )
    return sections


def _misplaced(sources: _Sources) -> Iterator[str]:
    """Yield problems of things that stand where skills would read them or nobody would."""
    for section in sources.sections:
        plain = section.strip().lower()
        if plain != section and plain in (*OWN_SECTIONS, "pytlas"):
            yield f"[{section}] in {sources.config_file} is not a section; write [{plain}]"
    for setting in SETTINGS:
        if setting.private and setting.key in sources.parser.defaults():
            yield (
                f"[DEFAULT] {setting.key}: skills can read what stands in [DEFAULT] "
                f"of {sources.config_file}; move it to [{setting.section}]"
            )
    yield from _unknown_keys("server", sources)
    yield from _unknown_keys("cluster", sources)


def _unknown_keys(section: str, sources: _Sources) -> Iterator[str]:
    known = [setting.key for setting in SETTINGS if setting.section == section]
    if section not in sources.parser:
        return
    for key in sources.parser[section]:
        if key in known or key in sources.parser.defaults():
            continue
        hint = f"the settings of [{section}] are {', '.join(known)}"
        if key in BY_KEY:
            hint = f"it belongs to [{BY_KEY[key].section}]"
        elif near := difflib.get_close_matches(key, known, n=1):
            hint = f"did you mean {near[0]}?"
        yield f"[{section}] {key} in {sources.config_file} is not a setting; {hint}"


def _chosen(found: Mapping[str, _Found], *keys: str) -> Any:
    """Return the value of the highest rank; of two of one rank, the one of the first key."""
    given = [found[key] for key in keys if found[key].value]
    return min(given, key=lambda one: one.rank).value if given else None


def _assembled(found: Mapping[str, _Found], sources: _Sources) -> Config:
    data_dir: Path = found["data_dir"].value or _default_data_dir()
    allowed: tuple[str, ...] = _chosen(found, "allowed_languages", "lang") or ()
    language = _chosen(found, "language", "lang") or (allowed or ("en",))
    plain = (
        *("bundled_skills", "interpreter", "secret", "allowed_origins"),
        *("access_lifetime_seconds", "refresh_lifetime_seconds", "device_lifetime_seconds"),
        *("token_leeway_seconds", "skill_installation", "trusted_proxies", "skill_deadlines"),
        *("history", "metrics", "log_format"),
    )
    limits = [attribute.name for attribute in attrs.fields(Limits)]
    config = Config(
        data_dir=data_dir,
        config_file=sources.config_file,
        listen=_listening(found),
        skills_dir=found["skills_dir"].value or data_dir / "skills",
        cache_dir=found["cache_dir"].value or data_dir / "cache",
        language=language if isinstance(language, str) else language[0],
        allowed_languages=allowed,
        database_url=_chosen(found, "database", "path") or sqlite_url(data_dir / "pytlas.sqlite3"),
        limits=Limits(**{name: found[name].value for name in limits}),
        skill_sections={},
        cluster=ClusterConfig(
            key=found["key"].value or data_dir / KEY_FILE_NAME,
            **{name: found[name].value for name in _OF_A_CLUSTER},
        ),
        **{name: found[name].value for name in plain},
    )
    return attrs.evolve(
        config,
        skill_sections=_skill_sections(config, found["timezone"].value, sources.sections),
        warnings=tuple(_warnings(config, sources)),
    )


def _listening(found: Mapping[str, _Found]) -> tuple[str, ...]:
    """Where to listen; a worker has nothing to say to strangers unless it is told so."""
    if found["role"].value == "worker" and found["listen"].rank == _DEFAULT:
        return ()
    endpoints: tuple[str, ...] = found["listen"].value
    return endpoints


def _skill_sections(
    config: Config, zone: str | None, sections: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    # pytlas itself reads some of its settings again; it must come to the same values.
    used = {
        "skills_dir": str(config.skills_dir),
        "cache_dir": str(config.cache_dir),
        "language": config.language,
        "allowed_languages": ",".join(config.allowed_languages),
    }
    if zone is not None:
        used["timezone"] = zone
    visible = {name: values for name, values in sections.items() if name not in OWN_SECTIONS}
    visible["pytlas"] = {**visible.get("pytlas", {}), **used}
    return MappingProxyType({name: MappingProxyType(v) for name, v in visible.items()})


def _warnings(config: Config, sources: _Sources) -> Iterator[str]:
    if config.secret is not None and len(config.secret) < GOOD_SECRET:
        yield (
            f"[web] secret has {len(config.secret)} characters; {GOOD_SECRET} or more are better"
        )
    if sources.sections.get("web", {}).get("allowed_host", "*") != "*":
        yield "[web] allowed_host has no effect; [server] allowed_origins limits who may connect"
    if config.refresh_lifetime_seconds < config.access_lifetime_seconds:
        yield "[server] refresh_lifetime_seconds is shorter than access_lifetime_seconds"
    if config.limits.max_resumed_bytes > config.limits.max_outbound_bytes:
        yield (
            "[server] max_resumed_bytes is above max_outbound_bytes: whoever missed that much is "
            "closed as a slow reader on every return"
        )
    if not _speaks(config.language, config.allowed_languages):
        yield f"[pytlas] language: {config.language} is not one of allowed_languages"
    default_skills = config.data_dir / "skills"
    # Unlike Path.is_dir, this one never raises.
    if config.skills_dir != default_skills and not os.path.isdir(config.skills_dir):  # noqa: PTH112
        yield f"[pytlas] skills_dir: {config.skills_dir} is not a directory; no skills are there"
    yield from config.cluster.warnings()
    yield from _unknown_keys("web", sources)
    yield from _unknown_keys("database", sources)
    yield from _mistyped_variables(sources.environ)


def _speaks(language: str, allowed: tuple[str, ...]) -> bool:
    spoken = {re.split("[-_]", one)[0].lower() for one in allowed}
    return not spoken or re.split("[-_]", language)[0].lower() in spoken


def _mistyped_variables(environ: Mapping[str, str]) -> Iterator[str]:
    # Orchestrators set variables such as SERVER_PORT by themselves: only near misses count.
    known = [setting.variable for setting in SETTINGS]
    for name in sorted(server_secrets_in(environ)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        if name not in known and near:
            yield f"The environment variable {name} is not a setting; did you mean {near[0]}?"


def server_secrets_in(environ: Mapping[str, str]) -> list[str]:
    """Return the names of variables of the server's own sections, known settings or not.

    pytlas lets every skill read every variable, so the process takes these out of its
    environment before it loads skills.
    """
    prefixes = tuple(f"{section.upper()}_" for section in OWN_SECTIONS)
    return [name for name in environ if name.startswith(prefixes)]
