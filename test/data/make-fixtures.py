"""Writes test/data/inputs/: small Parquet and Arrow files, each beside a JSON file of what reading it must give.

    pip install pyarrow==26.0.1 polars==2.1.0
    python test/data/make-fixtures.py

Expected values come from pyarrow reading its own file back. X.json is either
  {"rowGroups": [rows], "columns": [{"name", "shape", "values"}]}   values: null, text, [text], integers as text,
                                                                    floats as numbers or text, {"invalid": true}
  {"error": "regular expression", "columns": [{"name", "shape"}]}   opening or reading must fail with this message
Test code reads every X.json in the folder: dropping in a file adds a test.
"""
import base64
import datetime
import decimal
import json
import math
import pathlib
import uuid

import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

OUT = pathlib.Path(__file__).parent / "inputs"
EPOCH = datetime.date(1970, 1, 1)
I64 = range(-(2**63), 2**63)
INVALID = {"invalid": True}


# ---- expected values -------------------------------------------------------------------------------------------
def is_text(t):
    return (pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t) or pa.types.is_binary(t)
            or pa.types.is_large_binary(t) or pa.types.is_binary_view(t) or pa.types.is_fixed_size_binary(t))


def is_list(t):
    return pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t)


def value_type(t):
    return value_type(t.value_type) if pa.types.is_dictionary(t) else t


def shapes_of(t):
    """Every shape that a column of this type can be read in."""
    t = value_type(t)
    if isinstance(t, pa.UuidType):
        return ["keyword"]
    if is_text(t):
        return ["text", "keyword"]
    if is_list(t):
        inner = shapes_of(t.value_type) if not is_list(t.value_type) else []
        return [shape for shape in ("text", "keyword") if shape in inner]
    if pa.types.is_integer(t):
        return ["keyword", "i64", "f64", "timestamp", "version", "bool"]
    if pa.types.is_floating(t):
        return ["f64"]
    if pa.types.is_decimal(t):
        return ["keyword", "f64"] + (["i64", "version"] if t.scale <= 0 else [])
    if pa.types.is_boolean(t):
        return ["keyword", "i64", "bool"]
    if pa.types.is_date(t) or pa.types.is_timestamp(t):
        return ["keyword", "timestamp", "version"]
    if pa.types.is_time(t):
        return ["keyword"]
    if pa.types.is_null(t):
        return ["text", "i64", "f64"]
    return []


TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def ticks(t, scalar):
    """(ticks since the epoch, ticks per second) of a date, time or timestamp."""
    if pa.types.is_date32(t):
        return scalar.value, None
    return scalar.value, 1000 if pa.types.is_date64(t) else TICKS[t.unit]


def date_text(days):
    """Proleptic Gregorian; years that datetime does not know are shifted by whole 400-year eras."""
    eras = 0 if 1 <= days + EPOCH.toordinal() <= datetime.date.max.toordinal() else days // 146097
    days -= eras * 146097
    d = datetime.date.fromordinal(days + EPOCH.toordinal())
    year = d.year + 400 * eras
    text = f"{year:04d}" if 0 <= year <= 9999 else f"{'-' if year < 0 else '+'}{abs(year):06d}"
    return f"{text}-{d.month:02d}-{d.day:02d}"


def time_text(n, per_second):
    seconds, rest = divmod(n, per_second)
    nanos = rest * (10**9 // per_second)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if nanos == 0:
        return text
    digits = f"{nanos:09d}"
    return f"{text}.{digits[:3] if nanos % 10**6 == 0 else digits[:6] if nanos % 10**3 == 0 else digits}"


def utf8(raw):
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return INVALID


def text_of(t, scalar):
    """Keyword text of a scalar."""
    if isinstance(t, pa.UuidType):
        return str(scalar.as_py())
    if is_text(t):
        return utf8(scalar.as_buffer().to_pybytes())
    if pa.types.is_boolean(t):
        return "true" if scalar.as_py() else "false"
    if pa.types.is_date32(t):
        return date_text(ticks(t, scalar)[0])
    if pa.types.is_date64(t):
        return date_text(ticks(t, scalar)[0] // 86_400_000)
    if pa.types.is_time(t):
        return time_text(*ticks(t, scalar))
    if pa.types.is_timestamp(t):
        n, per_second = ticks(t, scalar)
        days, rest = divmod(n, 86400 * per_second)
        return f"{date_text(days)}T{time_text(rest, per_second)}Z"
    if pa.types.is_decimal(t):
        return format(scalar.as_py(), "f")
    return str(scalar.as_py())


def integer_of(t, scalar, shape):
    if pa.types.is_date32(t):
        return ticks(t, scalar)[0] * 86_400_000_000
    if pa.types.is_date64(t) or pa.types.is_timestamp(t):
        n, per_second = ticks(t, scalar)
        return n * 10**6 // per_second
    value = int(scalar.as_py())
    if shape == "timestamp":
        return value * 1000
    return value if shape != "bool" or value in (0, 1) else None


def float_of(scalar):
    value = float(scalar.as_py())
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def expected(t, scalar, shape):
    if pa.types.is_dictionary(t):
        index = scalar.index
        return None if not index.is_valid else expected(t.value_type, scalar.dictionary[index.as_py()], shape)
    if not scalar.is_valid:
        return None
    if is_list(t):
        inner = t.value_type
        values = [expected(inner, value, shape) for value in scalar.values]
        return INVALID if INVALID in values else values
    if shape in ("text", "keyword"):
        return text_of(t, scalar)
    if shape == "f64":
        return float_of(scalar)
    value = integer_of(t, scalar, shape)
    return str(value) if value is not None and value in I64 else INVALID


def describe(table, row_groups, skip=()):
    columns = []
    for field in table.schema:
        if field.name in skip:
            continue
        column = table.column(field.name)
        for shape in shapes_of(field.type):
            values = [expected(field.type, scalar, shape) for scalar in column]
            columns.append({"name": field.name, "shape": shape, "values": values})
    return {"rowGroups": row_groups, "columns": columns}


def save_json(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


# ---- tables ----------------------------------------------------------------------------------------------------
def mixed(rows=24):
    """The everyday columns, nulls at both edges, empty values, text beyond ASCII and beyond the BMP."""
    words = [None, "", "alpha beta", "naïve café", "日本語 テキスト", "🚀 to the moon 🌙", "x" * 40, "don't", " ", None]
    lists = [None, [], ["a"], ["a", None, "bé"], [None], ["", "日"], ["k1", "k2", "k3"]]
    pick = lambda values, i: values[i % len(values)] if 0 < i < rows - 1 else None
    return pa.table({
        "id": pa.array([f"pkg-{i:03d}" for i in range(rows)]),
        "name": pa.array([pick(words, i) for i in range(rows)], pa.string()),
        "tags": pa.array([pick(lists, i) for i in range(rows)], pa.list_(pa.string())),
        "downloads": pa.array([pick([0, -1, 2**53 + 1, 10**12, None, i], i) for i in range(rows)], pa.int64()),
        "small": pa.array([pick([0, 1, -7, 2**31 - 1], i) for i in range(rows)], pa.int32()),
        "score": pa.array([pick([0.5, -1e300, 0.1, None], i) for i in range(rows)], pa.float64()),
        "flag": pa.array([pick([True, False, None], i) for i in range(rows)], pa.bool_()),
        "updated_at": pa.array([pick([0, 1_777_852_800_000_000, -1, None], i) for i in range(rows)], pa.timestamp("us", "UTC")),
    })


def integers():
    columns = {}
    for bits in (8, 16, 32, 64):
        top = 2 ** (bits - 1)
        columns[f"i{bits}"] = pa.array([None, 0, 1, -1, top - 1, -top, None], getattr(pa, f"int{bits}")())
        columns[f"u{bits}"] = pa.array([None, 0, 1, 2, top - 1, 2 * top - 1, None], getattr(pa, f"uint{bits}")())
    return columns


def numbers():
    big = decimal.Decimal("12345678901234567890123456789012345678")
    wide = decimal.Decimal("-" + "9" * 60)
    dec = lambda *texts: [None if t is None else decimal.Decimal(t) for t in texts]
    return integers() | {
        "f32": pa.array([None, 0.0, -0.5, 3.4e38, math.nan, math.inf, None], pa.float32()),
        "f64": pa.array([None, 0.0, -0.1, 1.7e308, math.nan, -math.inf, 5e-324], pa.float64()),
        "dec_money": pa.array(dec(None, "0.00", "-0.05", "12.30", "99999999.99", "-1.00", None), pa.decimal128(10, 2)),
        "dec_whole": pa.array([None, *dec("0", "-1", "9223372036854775807", "9223372036854775808"), big, None], pa.decimal128(38, 0)),
        "dec_wide": pa.array([None, *dec("0", "1", "-1"), wide, wide.copy_negate(), None], pa.decimal256(60, 0)),
        "dec_wide_scaled": pa.array(dec(None, "0", "1.5", "-1.00001", "7", "8", None), pa.decimal256(50, 5)),
        "boolean": pa.array([None, True, False, True, None, False, None]),
    }


DAY_NS = 86_400 * 10**9


def times():
    return {
        "date32": pa.array([None, 0, -1, 20_577, -719_162, 2_932_896, 2_932_897], pa.date32()),
        "ts_ms": pa.array([None, 0, -1, 1_777_852_800_123, -62_135_596_800_000, 253_402_300_799_999, 4 * 10**15], pa.timestamp("ms")),
        "ts_us": pa.array([None, 0, -1, 1_777_852_800_123_456, -10**15, 2**63 - 1, -(2**63)], pa.timestamp("us", "Europe/Berlin")),
        "ts_ns": pa.array([None, 0, -1, 1_777_852_800_123_456_789, -DAY_NS - 1, 2**63 - 1, 999], pa.timestamp("ns", "UTC")),
        "time_ms": pa.array([None, 0, 1, 86_399_999, 3_600_000, 61_000, None], pa.time32("ms")),
        "time_us": pa.array([None, 0, 1, 86_399_999_999, 3_600_000_000, 61_000_000, None], pa.time64("us")),
        "time_ns": pa.array([None, 0, 1, 86_399_999_999_999, 10**9, 1_000_000, None], pa.time64("ns")),
    }


def broken_text():
    """Strings that are no UTF-8, alone, in a list, and cut so that only the whole is valid."""
    raw = [b"good", b"\xff\xfe", b"\xe6\x97", b"\xa5 rest", None, b"", b"\xed\xa0\x80"]
    binary = pa.array(raw, pa.binary())
    text = pa.Array.from_buffers(pa.string(), len(raw), binary.buffers())
    offsets = pa.array([0, 1, 2, 2, 4, 4, 5, 7], pa.int32())
    return {"id": pa.array(list("abcdefg")), "text": text, "tags": pa.ListArray.from_arrays(offsets, text), "raw": binary}


def strings():
    words = [None, "", "a", "twelve bytes", "thirteen bytes", "日本語", None]
    lists = [None, [], ["a"], ["a", None, "thirteen bytes"], [None], ["", "日"], None]
    return {
        "text": pa.array(words, pa.string()),
        "large": pa.array(words, pa.large_string()),
        "bytes": pa.array([None if w is None else w.encode() for w in words], pa.binary()),
        "large_bytes": pa.array([None if w is None else w.encode() for w in words], pa.large_binary()),
        "fixed": pa.array([None, b"abc", b"def", b"\xff\x00\x01", b"ghi", b"xyz", None], pa.binary(3)),
        "dictionary": pa.array(words, pa.string()).dictionary_encode(),
        "list": pa.array(lists, pa.list_(pa.string())),
        "large_list": pa.array(lists, pa.large_list(pa.large_string())),
        "numbers": pa.array([None, [], [1], [2, None], [None], [-3, 4], None], pa.list_(pa.int32())),
        "uuid": pa.array([None] + [uuid.UUID(int=i * 7**40).bytes for i in range(5)] + [None], pa.uuid()),
    }


def arrow_only():
    """Types that Parquet does not have, and arrays that start in the middle of their buffers."""
    words = [None, "", "a", "twelve bytes", "thirteen bytes", "日本語", None]
    dictionary = pa.DictionaryArray.from_arrays(pa.array([None, 0, 1, 2, 1, 0, None], pa.int8()), pa.array(["zero", None, "two"]))
    numbers = pa.DictionaryArray.from_arrays(pa.array([None, 0, 1, 2, 1, 0, 2], pa.uint16()), pa.array([10, -20, 2**40]))
    nested = pa.ListArray.from_arrays(pa.array([0, 0, 1, 2, 2, 4, 5, 7], pa.int32()), dictionary)
    sliced = pa.array(["skipped"] * 13 + words, pa.string()).slice(13)
    return {
        "view": pa.array(words, pa.string_view()),
        "bytes_view": pa.array([None if w is None else w.encode() for w in words], pa.binary_view()),
        "f16": pa.array([None, 0.0, -0.5, 65504.0, math.nan, math.inf, 6e-08], pa.float16()),
        "date64": pa.array([None, 0, -86_400_000, 86_400_000 * 20_577, 0, 0, 0], pa.date64()),
        "ts_s": pa.array([None, 0, -1, 1_777_852_800, 2**62, -(2**62), 1], pa.timestamp("s")),
        "time_s": pa.array([None, 0, 1, 86_399, 3600, 61, None], pa.time32("s")),
        "small_dictionary": dictionary,
        "number_dictionary": numbers,
        "dictionary_list": nested,
        "fixed_list": pa.array([["a", "b"], None, ["", None], ["é", "日"], None, ["x", "y"], ["p", "q"]], pa.list_(pa.string(), 2)),
        "null": pa.nulls(7),
        "sliced": sliced,
        "sliced_list": pa.array([["skipped"]] * 5 + [["a"], None, [], ["b", None], ["c"], [], ["d"]]).slice(5),
        "stepped_over": pa.array([{"a": 1, "b": ["x"]}, None] * 3 + [None], pa.struct({"a": pa.int8(), "b": pa.list_(pa.string())})),
        "duration": pa.array([None, 1, 2, 3, 4, 5, 6], pa.duration("us")),
        "behind": pa.array(["the", "last", "column", "is", "still", "found", None]),
    }


# ---- writers ---------------------------------------------------------------------------------------------------
def parquet(name, table, row_group_size=9, read=None, **options):
    path = OUT / f"{name}.parquet"
    pq.write_table(table, path, row_group_size=row_group_size, **options)
    metadata = pq.read_metadata(path)
    back = read(path) if read else pq.read_table(path)
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    save_json(path.name, describe(back, groups))


def arrow(name, batches, schema, stream=False, **options):
    path = OUT / f"{name}.{'arrows' if stream else 'arrow'}"
    new = ipc.new_stream if stream else ipc.new_file
    with new(str(path), schema, options=ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    arrow_expected(path, stream)


def arrow_expected(path, stream):
    with pa.OSFile(str(path)) as source:
        reader = ipc.open_stream(source) if stream else ipc.open_file(source)
        read = list(reader) if stream else [reader.get_batch(i) for i in range(reader.num_record_batches)]
        # Batches are described one by one: pyarrow would unify dictionaries that differ between them.
        parts = [describe(pa.Table.from_batches([batch]), [len(batch)]) for batch in read]
        empty = describe(reader.schema.empty_table(), [])
    columns = empty["columns"]
    for i, column in enumerate(columns):
        column["values"] = [value for part in parts for value in part["columns"][i]["values"]]
    save_json(path.name, {"rowGroups": [part["rowGroups"][0] for part in parts], "columns": columns})


def write_parquet_matrix():
    for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
        for version in ("1.0", "2.0"):
            for dictionary in (True, False):
                label = "dictionary" if dictionary else "plain"
                codec_name = "lz4_raw" if codec == "lz4" else codec
                parquet(f"codec-{codec_name}-v{version[0]}-{label}", mixed(), compression=codec,
                        data_page_version=version, use_dictionary=dictionary, store_schema=dictionary)
    table = mixed(60).select(["id", "name", "downloads", "small", "score"])
    for version in ("1.0", "2.0"):
        for name, encodings in {
            "delta-binary-packed": {"downloads": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED"},
            "delta-length-byte-array": {"id": "DELTA_LENGTH_BYTE_ARRAY", "name": "DELTA_LENGTH_BYTE_ARRAY"},
            "delta-byte-array": {"id": "DELTA_BYTE_ARRAY", "name": "DELTA_BYTE_ARRAY"},
            "byte-stream-split": {"score": "BYTE_STREAM_SPLIT", "small": "BYTE_STREAM_SPLIT", "downloads": "BYTE_STREAM_SPLIT"},
        }.items():
            parquet(f"encoding-{name}-v{version[0]}", table, 40, use_dictionary=False, column_encoding=encodings,
                    data_page_version=version, compression="zstd")


def write_parquet_types():
    parquet("types-numbers", pa.table(numbers()), store_decimal_as_integer=False)
    parquet("types-decimal-as-integer", pa.table({"dec_money": numbers()["dec_money"]}), store_decimal_as_integer=True)
    parquet("types-times", pa.table(times()), 4)
    parquet("types-strings", pa.table(strings()), 3)
    parquet("types-strings-no-arrow-schema", pa.table({k: v for k, v in strings().items() if k != "uuid"}), 3, store_schema=False)
    parquet("types-f16", pa.table({"f16": arrow_only()["f16"]}))
    parquet("types-null-column", pa.table({"id": pa.array(["a", "b"]), "nothing": pa.nulls(2)}))
    parquet("broken-text", pa.table(broken_text()), 3)
    far = pa.table({"at": pa.array([None, 0, -1, 1_777_852_800_123_456, 253_402_300_799_999_999, -62_135_596_800_000_000], pa.timestamp("us"))})
    parquet("types-int96", far, use_deprecated_int96_timestamps=True,
            read=lambda path: pq.read_table(path, coerce_int96_timestamp_unit="us"))
    parquet("required-columns", pa.table(
        {"id": pa.array(["a", "b"]), "n": pa.array([1, 2])},
        schema=pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("n", pa.int64(), nullable=False)])))


def write_parquet_layouts():
    parquet("rows-none", mixed(24).slice(0, 0))
    parquet("rows-one", mixed(24).slice(3, 1))
    parquet("pages-small-v1", mixed(300), 130, data_page_size=256, write_batch_size=16, compression="snappy")
    parquet("pages-small-v2", mixed(300), 130, data_page_size=256, write_batch_size=16, data_page_version="2.0",
            compression="zstd", write_page_index=True, write_page_checksum=True)
    parquet("dictionary-overflows", pa.table({"id": [f"key-{i:05d}" for i in range(300)]}), 300, dictionary_pagesize_limit=512,
            write_batch_size=16)
    struct = pa.table({
        "point": pa.array([{"a": 1}, None], pa.struct({"a": pa.int32()})),
        "lists": pa.array([[["a"]], None], pa.list_(pa.list_(pa.string()))),
        "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
        "id": pa.array(["a", "b"]),
    })
    parquet("nested-beside", struct)
    pl.DataFrame({"id": ["a", None, "c"], "tags": [["x"], None, ["y", "z"]], "n": [1, None, 3]}).write_parquet(OUT / "polars.parquet")
    save_json("polars.parquet", describe(pq.read_table(OUT / "polars.parquet"), [3]))


def write_arrow():
    table = pa.table(strings() | numbers() | times() | arrow_only())
    batches = table.to_batches() + [b.slice(2, 3) for b in table.to_batches()]
    for codec in (None, "lz4", "zstd"):
        for stream in (False, True):
            arrow(f"types-{codec or 'none'}", batches, table.schema, stream, compression=codec)
    arrow("rows-none", [], table.schema)
    arrow("rows-none", [], table.schema, stream=True)
    arrow("batch-empty", [b.slice(0, 0) for b in table.to_batches()], table.schema)
    arrow("old-prefix", mixed().to_batches(), mixed().schema, stream=True, use_legacy_format=True, metadata_version=ipc.MetadataVersion.V4)
    broken = pa.table(broken_text())
    arrow("broken-text", broken.to_batches(), broken.schema)
    long = mixed(500)
    arrow("long-lz4", long.to_batches(max_chunksize=200), long.schema, compression="lz4")
    arrow("long-zstd", long.to_batches(max_chunksize=200), long.schema, stream=True, compression="zstd")
    write_dictionaries()
    frame = pl.DataFrame({
        "id": [None, "", "short", "longer than twelve bytes", "日本語", None],
        "category": pl.Series([None, "x", "y", "x", "longer than twelve bytes", None], dtype=pl.Categorical),
        "tags": [None, [], ["a"], ["longer than twelve bytes", None], ["é"], None],
        "n": [None, 1, -2, 3, 2**40, None],
    })
    for codec in ("uncompressed", "lz4", "zstd"):
        frame.write_ipc(OUT / f"polars-{codec}.arrow", compression=codec, compat_level=pl.CompatLevel.newest())
        arrow_expected(OUT / f"polars-{codec}.arrow", False)
    frame.write_ipc_stream(OUT / "polars.arrows", compat_level=pl.CompatLevel.newest())
    arrow_expected(OUT / "polars.arrows", True)


def write_dictionaries():
    """Deltas, and in the stream replacements too."""
    def batch(indices, words):
        return pa.record_batch({"word": pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(words))})
    growing = [batch([0, 1, None], ["a", "b"]), batch([2, 0], ["a", "b", "c"]), batch([3, 3, 1], ["a", "b", "c", "dé"])]
    replaced = growing + [batch([0, None, 1], ["other", "values"])]
    schema = growing[0].schema
    arrow("dictionary-deltas", growing, schema, emit_dictionary_deltas=True)
    arrow("dictionary-deltas", growing, schema, stream=True, emit_dictionary_deltas=True)
    arrow("dictionary-replaced", replaced, schema, stream=True, emit_dictionary_deltas=True)


class PlainKms(pe.KmsClient):
    """No secret at all: the files only have to look encrypted."""

    def __init__(self, _config):
        super().__init__()

    def wrap_key(self, key, _master):
        return base64.b64encode(key)

    def unwrap_key(self, key, _master):
        return base64.b64decode(key)


def write_encrypted(name, table, plaintext_footer):
    factory = pe.CryptoFactory(PlainKms)
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["name"]}, plaintext_footer=plaintext_footer)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(OUT / name, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)


def bad(name, content, error, columns=(("name", "text"),)):
    if content is not None:
        (OUT / name).write_bytes(content)
    save_json(name, {"error": error, "columns": [{"name": n, "shape": s} for n, s in columns]})


def garble(raw, start, count, mask=0xA5):
    return raw[:start] + bytes(b ^ mask for b in raw[start:start + count]) + raw[start + count:]


def write_bad():
    table = mixed()
    raw = (OUT / "codec-zstd-v2-plain.parquet").read_bytes()
    footer = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
    chunk = pq.read_metadata(OUT / "codec-zstd-v2-plain.parquet").row_group(0).column(1)
    bad("bad-truncated.parquet", raw[: len(raw) // 2], "no footer at its end: it was cut short")
    bad("bad-head.parquet", b"\0\0\0\0" + raw[4:], "its beginning is damaged")
    bad("bad-pages.parquet", garble(raw, chunk.data_page_offset, chunk.total_compressed_size), "column 'name' in row group 0 of bad-pages.parquet cannot be read: ")
    # This one byte makes the WebAssembly decoder trap instead of giving an error.
    bad("bad-trap.parquet", garble((OUT / "broken-text.parquet").read_bytes(), 70, 1, 0xFF), "column 'id' in row group 0 of bad-trap.parquet cannot be read: the decoder stopped in the middle of it", [("raw", "text"), ("id", "text")])
    bad("bad-footer.parquet", garble(raw, footer + 10, 60), "^bad-footer.parquet cannot be read: ")
    bad("bad-footer-length.parquet", raw[:-8] + b"\xff\xff\xff\x7fPAR1", "a footer of 2147483647 bytes does not fit")
    bad("bad-tiny.parquet", b"PAR1PAR1", "cut short")
    bad("bad-empty.parquet", b"", "is empty")
    bad("bad-text.parquet", b"id,name\n1,alpha\n2,beta\n", "neither Parquet nor Arrow; it looks like a text file")
    bad("bad-json.parquet", b'{"id": 1}\n', "looks like JSON")
    bad("bad-page.parquet", b"<?xml version='1.0'?><Error/>", "an HTML or XML page")
    bad("bad-gzip.parquet", b"\x1f\x8b\x08\0\0\0\0\0\0\0", "looks like a gzip file")
    bad("bad-binary.parquet", bytes(range(200, 240)), "unknown binary data")
    write_encrypted("bad-encrypted-footer.parquet", table.select(["id", "name"]), False)
    bad("bad-encrypted-footer.parquet", None, "encrypted footer")
    write_encrypted("bad-encrypted-column.parquet", table.select(["id", "name"]), True)
    bad("bad-encrypted-column.parquet", None, "column 'name' of bad-encrypted-column.parquet cannot be read: it is encrypted")
    nested = (OUT / "nested-beside.parquet").read_bytes()
    for column, shape, type_text in (
        ("point", "keyword", "struct<a: int32>"), ("lists", "text", "list<list<string>>"), ("id", "i64", "string"), ("id", "timestamp", "string"),
    ):
        name = f"bad-shape-{column}-{shape}.parquet"
        bad(name, nested, f"^column '{column}' of {name} is {type_text}, which cannot be read as {shape}$".replace("(", "\\("), [(column, shape)])
    whole = (OUT / "types-lz4.arrow").read_bytes()
    bad("bad-truncated.arrow", whole[: len(whole) // 2], "no footer at its end: it was cut short")
    footer = len(whole) - 10 - int.from_bytes(whole[-10:-6], "little")
    bad("bad-footer.arrow", garble(whole, footer, 60), "^bad-footer.arrow cannot be read: ")
    stream = (OUT / "types-none.arrows").read_bytes()
    bad("bad-truncated.arrows", stream[: len(stream) - 900], "cut short", [("text", "text")])
    for codec in ("lz4", "zstd"):
        body = (OUT / f"long-{codec}.{'arrow' if codec == 'lz4' else 'arrows'}").read_bytes()
        at = body.index(b"\x04\x22\x4d\x18" if codec == "lz4" else b"\x28\xb5\x2f\xfd")
        bad(f"bad-{codec}.arrow", garble(body, at, 30), f"column 'id' in record batch 0 of bad-{codec}.arrow cannot be read: ", [("name", "text"), ("id", "text")])


def main():
    OUT.mkdir(exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    write_parquet_matrix()
    write_parquet_types()
    write_parquet_layouts()
    write_arrow()
    write_bad()
    files = list(OUT.iterdir())
    print(f"{len(files)} files, {sum(f.stat().st_size for f in files)} bytes")


main()
