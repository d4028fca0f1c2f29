"""Arrow values as JSON text by docs/formats/json.md, written from that page alone, with Python's own arithmetic."""

import base64
import datetime
import decimal
import json
import re
import struct
import zoneinfo

import pyarrow.types as types

UNITS = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}
DAY = 86400
DAYS_OF_400_YEARS = 146097
FIRST_SECOND_OF_PYTHON = -62135596800 + DAY  # with room for a zone


def text_of(value):
    return json.dumps(value, ensure_ascii=False)


def number_of(value, layout):
    """The fewest digits that read back as the same float of struct's `layout` (f or d)."""
    if value != value or value in (float("inf"), float("-inf")):
        return "null"
    for precision in range(17):
        digits = f"{value:.{precision}e}"
        try:
            if struct.pack(layout, float(digits)) == struct.pack(layout, value):
                break
        except OverflowError:  # rounded up, beyond the largest
            continue
    mantissa, exponent = digits.split("e")
    if -5 <= int(exponent) <= 9 or value == 0:
        plain = format(decimal.Decimal(digits), "f")
        return plain if "." in plain else plain + ".0"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{int(exponent)}"


def date_of(days):
    shift = 400 if days < 0 else 0  # Python's years begin at 1, ours at 0; calendars repeat after 400 years
    day = datetime.date(1970, 1, 1) + datetime.timedelta(days=days + (DAYS_OF_400_YEARS if shift else 0))
    return f"{day.year - shift:04}-{day.month:02}-{day.day:02}"


def fraction_of(part, unit):
    nanoseconds = f"{part * (UNITS['ns'] // UNITS[unit]):09}"
    for digits in (0, 3, 6, 9):
        if not nanoseconds[digits:].strip("0"):
            return "." + nanoseconds[:digits] if digits else ""
    raise AssertionError


def time_of(value, unit):
    seconds, part = divmod(value, UNITS[unit])
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + fraction_of(part, unit)


def minutes_east(zone, seconds):
    fixed = re.fullmatch(r"([+-])(\d\d):?(\d\d)", zone)
    if fixed:
        return (-1 if fixed[1] == "-" else 1) * (int(fixed[2]) * 60 + int(fixed[3]))
    seconds = max(seconds, FIRST_SECOND_OF_PYTHON)  # no zone changed its time in the year 0
    utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return round(utc.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset().total_seconds() / 60)


def timestamp_of(value, unit, zone):
    seconds, part = divmod(value, UNITS[unit])
    suffix = ""
    if zone is not None:
        east = minutes_east(zone, seconds)
        seconds += east * 60
        suffix = "Z" if east == 0 else f"{'-' if east < 0 else '+'}{abs(east) // 60:02}:{abs(east) % 60:02}"
    days, seconds = divmod(seconds, DAY)
    return f"{date_of(days)}T{time_of(seconds * UNITS[unit] + part, unit)}{suffix}"


def duration_of(value, unit):
    seconds, part = divmod(abs(value), UNITS[unit])
    fraction = f".{part * (UNITS['ns'] // UNITS[unit]):09}".rstrip("0").rstrip(".")
    return f"{'-' if value < 0 else ''}PT{seconds}{fraction}S"


def temporal(scalar):
    kind = scalar.type
    if types.is_date32(kind):
        return date_of(scalar.value)
    if types.is_date64(kind):
        return timestamp_of(scalar.value, "ms", None)
    if types.is_time(kind):
        return time_of(scalar.value, kind.unit)
    if types.is_duration(kind):
        return duration_of(scalar.value, kind.unit)
    return timestamp_of(scalar.value, kind.unit, kind.tz)


def key_of(scalar):
    text = value_of(scalar)
    return text if text.startswith('"') else text_of(text)


def value_of(scalar):
    """The JSON text of one pyarrow scalar."""
    kind = scalar.type
    if not scalar.is_valid:
        return "null"
    if types.is_boolean(kind) or types.is_integer(kind):
        return text_of(scalar.as_py())
    if types.is_floating(kind):
        return number_of(scalar.as_py(), "d" if types.is_float64(kind) else "f")
    if types.is_decimal(kind):
        return format(scalar.as_py(), "f")
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return text_of(scalar.as_py())
    if types.is_fixed_size_binary(kind):
        return text_of(scalar.as_py().hex())
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return text_of(base64.b64encode(scalar.as_py()).decode())
    if types.is_temporal(kind):
        return text_of(temporal(scalar))
    if types.is_dictionary(kind):
        return value_of(scalar.value)
    if types.is_map(kind):
        keys, items = scalar.values.flatten()
        return "{" + ",".join(f"{key_of(key)}:{value_of(item)}" for key, item in zip(keys, items)) + "}"
    if types.is_struct(kind):
        return "{" + ",".join(f"{text_of(kind[i].name)}:{value_of(scalar[i])}" for i in range(kind.num_fields)) + "}"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return "[" + ",".join(map(value_of, scalar.values)) + "]"
    raise AssertionError(f"docs/formats.md has no {kind}")


def rows_of(table):
    """The payload of each row of a pyarrow table."""
    names = [text_of(name) for name in table.column_names]
    columns = [[value_of(scalar) for scalar in column] for column in table.columns]
    return [("{" + ",".join(map(":".join, zip(names, row))) + "}").encode() for row in zip(*columns)]
