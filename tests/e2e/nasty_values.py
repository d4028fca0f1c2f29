"""A table with the values of every type that are easily written wrong, several nulls in each column."""

import datetime
import decimal
import itertools
import random

import pyarrow as pa

DAYS_TO_YEAR_0, DAYS_TO_YEAR_9999 = -719528, 2932896  # 0000-01-01 and 9999-12-31, from 1970-01-01
UNITS = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}
TEXTS = ["", " ", "a", "\"", "\\", "/", "\b\f\n\r\t", "".join(map(chr, range(32))), "\x7f\x80\u2028\u2029", "é", "日本語",
         "\U0001f600", "\U0010ffff", "\ufeff", "a\0b", "</script>", "x" * 11, "x" * 12, "x" * 13, "\"" * 40,
         "ä\n" * 500, "null", "{\"a\":1}"]
BYTES = [b"", b"\0", b"\xff", b"\0\xff\xfe", b"1234", bytes(range(256)), b"twelve bytes", b"thirteen byte", b"\"\\" * 30]
INTEGERS = {pa.int8(): 8, pa.int16(): 16, pa.int32(): 32, pa.int64(): 64}
UNSIGNED = {pa.uint8(): 8, pa.uint16(): 16, pa.uint32(): 32, pa.uint64(): 64}
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1.5, 100.0, 65504.0, 6e-8, 0.3333, float("nan"), float("inf"), float("-inf")]
SINGLES = FLOATS + [1e9, 1e10, 9.999999e9, 1e-5, 1e-6, 1.17549435e-38, 1e-45, 3.4028234663852886e38, 16777217.0, 0.3]
DOUBLES = FLOATS + [1e9, 1e10, 9999999999.0, 1e-5, 9.9e-6, 1.5e-6, 1e300, -1e300, 5e-324, 2.2250738585072014e-308,
                    1.7976931348623157e308, 2.0**53, 2.0**53 + 2, 123456789.123456789, 1 / 3, 1e16, 1e21, 1e22, 1e23]
ZONES = [None, "UTC", "+00:00", "+05:30", "-09:30", "Europe/Paris", "America/New_York", "Asia/Kathmandu"]


def decimals(digits, scale):
    unscaled = [0, 1, -1, 10, -10, 10**digits - 1, 1 - 10**digits, 10 ** (digits - 1), 123, -5]
    with decimal.localcontext(decimal.Context(prec=100)):
        return [decimal.Decimal(number).scaleb(-scale) for number in unscaled]


def numbered(values, kind):
    """An array of a type whose values are integers inside."""
    return pa.array(values, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)


def instants(unit):
    """Seconds with 0 to 9 digits of fraction, on both sides of 1970 and at the ends of what is allowed."""
    per_second = UNITS[unit]
    if unit == "ns":
        first, last = -2**63 + 1, 2**63 - 1
    else:  # a day's room, so that every zone is within the years
        first, last = (DAYS_TO_YEAR_0 + 1) * 86400 * per_second, (DAYS_TO_YEAR_9999 * 86400 * per_second) - 1
    seconds = [0, 1, -1, 951_782_400, 951_868_799, 1_700_000_000, -2_000_000_000, -1, 1_711_846_799, 1_711_846_800,
               1_729_990_799, 1_729_990_800, -5_000_000_000]
    parts = [0, 1, per_second // 2, per_second - 1, per_second // 1000]
    return [first, last] + [at * per_second + part for at, part in zip(seconds * 2, itertools.cycle(parts))]


def times(unit):
    per_second = UNITS[unit]
    return [0, 1, 86400 * per_second - 1, 45296 * per_second, 3600 * per_second + per_second // 2, 59 * per_second + 1]


def plain_columns():
    yield "nothing", pa.nulls(3)
    yield "flag", pa.array([True, False])
    for kind, bits in INTEGERS.items():
        yield f"{kind}", pa.array([0, 1, -1, 9, 10, 99, 100, 2 ** (bits - 1) - 1, -2 ** (bits - 1)], kind)
    for kind, bits in UNSIGNED.items():
        yield f"{kind}", pa.array([0, 1, 9, 10, 99, 100, 2 ** (bits - 1), 2**bits - 1], kind)
    yield "half", pa.array(FLOATS, pa.float16())
    yield "single", pa.array(SINGLES, pa.float32())
    yield "double", pa.array(DOUBLES, pa.float64())
    for digits, scale in ((38, 0), (38, 10), (38, 38), (5, 2), (5, -3)):
        yield f"decimal128 {digits} {scale}", pa.array(decimals(digits, scale), pa.decimal128(digits, scale))
    for digits, scale in ((76, 0), (76, 20), (76, 76), (40, -3)):
        yield f"decimal256 {digits} {scale}", pa.array(decimals(digits, scale), pa.decimal256(digits, scale))
    for kind in (pa.utf8(), pa.large_utf8(), pa.string_view()):
        yield f"{kind}", pa.array(TEXTS, kind)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield f"{kind}", pa.array(BYTES, kind)
    yield "fixed", pa.array([b"\0" * 5, b"\xff" * 5, b"\"\\\n\x7f\x80"], pa.binary(5))


def temporal_columns():
    days = [0, 1, -1, 11016, -25567, DAYS_TO_YEAR_0, DAYS_TO_YEAR_9999, 19782]
    yield "date32", numbered(days, pa.date32())
    yield "date64", numbered([day * 86_400_000 for day in days], pa.date64())
    for unit in ("s", "ms"):
        yield f"time32 {unit}", numbered(times(unit), pa.time32(unit))
    for unit in ("us", "ns"):
        yield f"time64 {unit}", numbered(times(unit), pa.time64(unit))
    for unit, per_second in UNITS.items():
        yield f"duration {unit}", numbered([0, 1, -1, per_second, -3 * per_second // 2, 2**63 - 1, -2**63 + 1, 10],
                                           pa.duration(unit))
        for zone in ZONES:
            yield f"timestamp {unit} {zone}", numbered(instants(unit), pa.timestamp(unit, zone))


def nested_columns():
    lists = [[], [None], [1], [1, None, -2**63], list(range(30))]
    yield "list", pa.array(lists, pa.list_(pa.int64()))
    yield "large list", pa.array([[], ["\"", None], TEXTS], pa.large_list(pa.utf8()))
    yield "fixed list", pa.array([[1.5, None], [float("nan"), -0.0], [1e300, 0.1]], pa.list_(pa.float64(), 2))
    point = pa.struct([("x", pa.float32()), ("y\"\n", pa.utf8()), ("at", pa.timestamp("us", "Europe/Paris"))])
    when = datetime.datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=datetime.timezone.utc)
    points = [{"x": 0.1, "y\"\n": "é", "at": when}, {"x": None, "y\"\n": None, "at": None}, None]
    yield "struct", pa.array(points, point)
    yield "empty struct", pa.array([{}, {}], pa.struct([]))
    yield "map", pa.array([[], [("a", 1), ("\"", None), ("é", -1)], [("k", 5)]], pa.map_(pa.utf8(), pa.int32()))
    yield "map of numbers", pa.array([[(1, [points[0]]), (-2, [None])], []], pa.map_(pa.int64(), pa.list_(point)))
    yield "dictionary", pa.array(TEXTS + [None] + TEXTS).dictionary_encode()
    yield "dictionary of times", pa.array([when, None, when]).dictionary_encode()
    yield "deep", pa.array([[[points, []], None, [[]]], []], pa.list_(pa.list_(pa.list_(point))))
    yield "struct of all", pa.array([{"m": [("z", b"\0\1")], "l": [[]], "d": decimal.Decimal("1.10")}, {"m": None}],
                                    pa.struct([("m", pa.map_(pa.utf8(), pa.binary())), ("l", pa.list_(pa.list_(pa.int8()))),
                                               ("d", pa.decimal128(10, 2))]))


def spread(values, rows, rng):
    """`rows` values in which each of `values` and null occur, in an order of its own for each column."""
    indices = [None, *range(len(values))]
    indices = (indices * (rows // len(indices) + 1))[:rows]
    rng.shuffle(indices)
    null = pa.nulls(1, values.type)
    return pa.concat_arrays([null if i is None else values.slice(i, 1) for i in indices])


def nasty_table(rows=64):
    rng = random.Random(7)
    columns = itertools.chain(plain_columns(), temporal_columns(), nested_columns())
    return pa.table({name: spread(values, rows, rng) for name, values in columns})
