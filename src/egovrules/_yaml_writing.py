"""Writing plain data as YAML that our own strict reader reads back to the same."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from egovrules._yaml import parse
from egovrules.errors import EgovrulesError

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def written(data: Mapping[str, Any], *, width: int = 100) -> str:
    """Write plain data as YAML that :func:`parse` reads back to the same."""
    text = _dump(data, width, _Dumper)
    try:
        same = parse(text, "").data == data
    except EgovrulesError:
        same = False
    # A text such as 1e3 or n needs quotes that YAML 1.1 does not know of.
    return text if same else _dump(data, width, _QuotingDumper)


class _Dumper(_DUMPER):  # type: ignore[misc]  # one of two classes of PyYAML
    """Writes every number out: no exponent, which is not read."""


class _QuotingDumper(_Dumper):
    """Puts every text in quotes, too."""


def _number(dumper: Any, value: float) -> Any:
    digits = f"{Decimal(repr(value)):f}"
    whole = "" if "." in digits else ".0"
    return dumper.represent_scalar("tag:yaml.org,2002:float", digits + whole)


def _quoted(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Dumper.add_representer(float, _number)


_QuotingDumper.add_representer(str, _quoted)


def _dump(data: Mapping[str, Any], width: int, dumper: Any) -> str:
    return yaml.dump(data, Dumper=dumper, allow_unicode=True, sort_keys=False, width=width)
