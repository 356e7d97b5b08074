"""A configuration file that a person wrote -> its document, or each fault of it with its place and what to do.

Knows YAML and the bounds of a file; what may stand in it, the reader's own entries (pydantic) say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import ConfigError, Fault

LIMIT = 8_000_000  # bytes of one file: some 20,000 feeds
_Fast: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MERGE = "tag:yaml.org,2002:merge"
Text = Annotated[str, Field(min_length=1, max_length=500)]  # of an entry: a name, an address, a reason


class Strict(BaseModel):
    """An entry of such a file: a key that nobody reads is a fault, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _Loader(_Fast):  # type: ignore[misc]
    """A SafeLoader that refuses a key written twice: the second would silently replace the first."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == MERGE:  # `<<: *defaults`: what stands beside it may say the same again
            continue
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands here twice", key_node.start_mark)
        seen.add(key)
    found: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def document(path: Path, *, absent: str = "check the path") -> Any:
    """What a YAML file holds, None where it is empty; ConfigError. `absent`: what to do where there is no file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as problem:
        where = f"cannot be read: not there (this folder is {Path.cwd()})"
        raise ConfigError([Fault(str(path), where, absent)]) from problem
    except OSError as problem:
        raise ConfigError([Fault(str(path), f"cannot be read: {problem.strerror}", "check the path")]) from problem
    if len(raw) > LIMIT:
        raise ConfigError([Fault(path.name, f"is larger than {LIMIT} bytes", "split or shorten it")])
    try:
        return yaml.load(raw.decode("utf-8"), _Loader)  # noqa: S506 - a safe loader, see above
    except UnicodeDecodeError as problem:
        raise ConfigError([Fault(path.name, f"is not UTF-8 at byte {problem.start}", "save it as UTF-8")]) from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{path.name}: line {mark.line + 1}, column {mark.column + 1}" if mark else path.name
        raise ConfigError([Fault(where, f"is not YAML: {getattr(problem, 'problem', problem)}")]) from problem
    except (ValueError, TypeError, RecursionError) as problem:  # a day no month has, a list as key, endless brackets
        raise ConfigError(
            [Fault(path.name, f"cannot be read: {problem}", "look for a wrong date or number")]
        ) from problem


def faults(
    name: str, problem: ValidationError, *, joint: str = ": ", known: Mapping[str, str] | None = None
) -> list[Fault]:
    """What pydantic refused, e.g. `matrix.yaml: traits.soe.add[0]`. `known`: what to say of keys often written."""
    return [_fault(name, error, joint, known or {}) for error in problem.errors()]


def _fault(name: str, error: Any, joint: str, known: Mapping[str, str]) -> Fault:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    where = f"{name}{joint}{path}" if path else name
    key = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return Fault(where, "unknown key", known.get(key.lower(), "remove it or correct its spelling"))
    if error["type"] == "missing":
        return Fault(where, "is missing", f"add `{key}:`")
    return Fault(where, error["msg"].removeprefix("Value error, "), f"got {error.get('input')!r}"[:200])
