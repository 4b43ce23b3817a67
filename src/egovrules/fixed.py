"""What holds for all that a ruleset says: strict, no unknown keys, and fixed once it is read."""

from typing import Any, NoReturn, Self

from pydantic import BaseModel, ConfigDict, model_validator


class Fixed(dict[str, Any]):
    """A mapping that cannot be changed, and is written and compared as a plain one."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a loaded ruleset does not change: load another, or use settings")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy by way of a plain mapping, since entries cannot be set one by one."""
        return (type(self), (dict(self),))


class Entry(BaseModel):
    """Base of everything in a ruleset: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _for_good(self) -> Self:
        """Freeze the mappings, too; pydantic freezes only the names of fields."""
        for name, value in vars(self).items():
            if type(value) is dict:
                vars(self)[name] = Fixed(value)
        return self
