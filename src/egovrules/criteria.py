"""What a criterion is: indicators in, a score out, written once as a narwhals expression.

A criterion is a frozen pydantic model. Its fields are its parameters; those made with
:func:`egovrules.reads` name the columns it reads, and what such a column must hold. A ruleset sets
parameters under ``with:``, so the same criterion serves another country's columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import narwhals as nw

from egovrules.parameters import ID, Parameters

Level = Literal["service", "agency"]


class Criterion(Parameters):
    """Turns indicators into a score: subclass, set ``id`` and ``level``, write ``score()``.

    Every expression must be element-wise (one row decides its own result); what needs the whole
    table is declared in :meth:`population` and arrives as a number. Required indicator empty in,
    null out: the engine reads null as *missing*, and a false :meth:`applies` as *not applicable*.

    Attributes:
        id: ``axis.name``, unique among all installed plugins.
        level: Whether it scores services or agencies; ``any`` leaves it to the ruleset.
        title: What people read; plain text or ``{"en": …, "fa": …}``.
        top: The score of a perfect row: scores live in ``[0, top]``, and the engine converts
            them to the ruleset's scale by the exact ratio. None: the native value is the score.
        slow: Set when :meth:`score_row` is overridden: plain Python, local engine only.
    """

    level: ClassVar[Literal["service", "agency", "any"]]
    top: ClassVar[float | None] = 100.0
    slow: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check the attributes at import, where the author sees it, and note the slow path."""
        super().__pydantic_init_subclass__(**kwargs)
        if "id" not in vars(cls):
            return  # an abstract base of a family of criteria
        if getattr(cls, "level", None) not in ("service", "agency", "any"):
            raise TypeError(f"criterion {cls.id!r} needs level = 'service', 'agency' or 'any'")
        cls.slow = cls.score_row is not Criterion.score_row

    def population(self) -> Mapping[str, nw.Expr]:
        """Declare whole-population figures by name; each arrives in :meth:`score` as a number."""
        return {}

    def applies(self) -> nw.Expr | None:
        """Say for which rows the criterion applies; None for all. A ratio over nothing does not."""
        pair = self.ratio()
        return None if pair is None else pair[1] > 0

    def ratio(self) -> tuple[nw.Expr, nw.Expr] | None:
        """Give numerator and denominator instead of a score, so that a rollup can pool them."""
        return None

    def score(self, *_: Any, **population: Any) -> nw.Expr:
        """Give the score, an expression in ``[0, top]`` or null.

        Args:
            population: The numbers of :meth:`population` by name; None where no row had a value.

        Raises:
            TypeError: When an author wrote neither this nor :meth:`ratio`.
        """
        pair = self.ratio()
        if pair is None:
            message = f"criterion {self.id!r} defines neither score() nor ratio()"
            raise TypeError(message + (f" for {sorted(population)}" if population else ""))
        numerator, denominator = pair
        top = 1.0 if self.top is None else self.top
        share = numerator.cast(nw.Float64) / denominator.cast(nw.Float64)
        return nw.when(denominator > 0).then(top * share)

    def steps(self, *_: Any, **population: Any) -> Mapping[str, nw.Expr]:  # noqa: ARG002 - authors override it
        """Name intermediate results for the explanation."""
        return {}

    def score_row(self, row: Mapping[str, Any]) -> float | None:
        """Score one row in plain Python, where no expression can; slow, local engine only."""
        raise TypeError(f"criterion {self.id!r} has no row path: {sorted(row)} were given")


@dataclass(frozen=True, slots=True)
class Axis:
    """A government priority as a plugin brings it: an id, a title, and its criteria."""

    id: str
    title: str | Mapping[str, str] = ""
    criteria: tuple[type[Criterion], ...] = ()

    def __post_init__(self) -> None:
        """Accept a list of criteria, and refuse an id that a ruleset could not spell."""
        object.__setattr__(self, "criteria", tuple(self.criteria))
        if not ID.fullmatch(self.id) or "." in self.id:
            raise TypeError(f"axis id {self.id!r} must be lower-case letters, digits and _")
