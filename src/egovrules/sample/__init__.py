"""The sample: two synthetic rounds that come to the published figures of the eighth evaluation.

The totals are published, the rows are made up. `roster` lists the agencies, `levels` draws how
good each is meant to be, `services` the register of services, `points` their bands and the states
that realise them, `indicators` and `links` everything else; `rounds` puts it into tables, and
`folder` writes them.
"""

from egovrules.sample.folder import write_sample

__all__ = ["write_sample"]
