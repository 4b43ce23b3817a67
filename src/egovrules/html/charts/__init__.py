"""Charts, drawn as SVG without scripts: functions from plain data to figures, in both languages."""

from egovrules.html.charts.bands import band_shares
from egovrules.html.charts.data import (
    Change,
    Figure,
    Means,
    Movement,
    Number,
    Part,
    Peer,
    Rivals,
    Standing,
)
from egovrules.html.charts.growth import growth_extremes
from egovrules.html.charts.peers import agency_and_peers
from egovrules.html.charts.slope import ranks_moved
from egovrules.html.charts.spread import spread_of_totals
from egovrules.html.charts.standings import axes_by_kind, top_by_axis

__all__ = [
    "Change",
    "Figure",
    "Means",
    "Movement",
    "Number",
    "Part",
    "Peer",
    "Rivals",
    "Standing",
    "agency_and_peers",
    "axes_by_kind",
    "band_shares",
    "growth_extremes",
    "ranks_moved",
    "spread_of_totals",
    "top_by_axis",
]
