"""The two calendars that periods are written in: years, seasons, months and their first days."""

from datetime import date
from importlib import import_module
from typing import Literal

Calendar = Literal["gregorian", "jalali"]
Season = Literal["spring", "summer", "autumn", "winter"]

SEASONS: tuple[Season, ...] = ("spring", "summer", "autumn", "winter")
# The ranges do not touch, so a year alone tells its calendar; no conversion overflows in them.
YEARS: dict[Calendar, range] = {"jalali": range(1200, 1601), "gregorian": range(1700, 2601)}
MONTHS: dict[Calendar, tuple[str, ...]] = {
    "gregorian": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "jalali": (
        "Farvardin",
        "Ordibehesht",
        "Khordad",
        "Tir",
        "Mordad",
        "Shahrivar",
        "Mehr",
        "Aban",
        "Azar",
        "Dey",
        "Bahman",
        "Esfand",
    ),
}


def first_day(calendar: Calendar, year: int, month: int) -> date:
    """Return the first day of a month; months after 12 lie in the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if calendar == "gregorian":
        return date(year, month, 1)
    jalali = import_module("persiantools.jdatetime")  # only Jalali periods pay for it
    day: date = jalali.JalaliDate(year, month, 1).to_gregorian()
    return day
