"""Reads Parquet files of a bundle with other people's programs. `rows FILE…` prints for each program and file one JSON object
a line: {"by": …, "rows": […]}; times are nanoseconds, as text. `ask SQL…` prints for each text what DuckDB calls the columns of
its last answer, as one JSON list a line."""

import json
import sys

import duckdb
import pandas
import pyarrow
import pyarrow.parquet

TIMES = ("timestamp", "deltaSince")


def by_arrow(path):
    table = pyarrow.parquet.read_table(path)
    for name in TIMES:
        if name in table.column_names:
            at = table.column_names.index(name)
            assert table.schema.field(name).type == pyarrow.timestamp("ns", "UTC"), table.schema
            table = table.set_column(at, name, table[name].cast(pyarrow.int64()).cast(pyarrow.string()))
    rows = table.to_pylist()
    for row in rows:
        for name in ("attributes", "resource"):
            if name in row:
                row[name] = dict(row[name])
    return rows


def by_duckdb(path):
    duckdb.execute("SET TimeZone = 'UTC'")
    names = [name for name, *_ in duckdb.execute("DESCRIBE FROM read_parquet(?)", [path]).fetchall()]
    told = ", ".join(f'epoch_ns("{name}")::VARCHAR AS "{name}"' if name in TIMES else f'"{name}"' for name in names)
    rows = duckdb.execute(f"SELECT {told} FROM read_parquet(?)", [path]).fetchall()
    return [dict(zip(names, row)) for row in rows]


def by_pandas(path):
    frame = pandas.read_parquet(path)
    return [{"timestamp": str(at.value), "node": node} for at, node in zip(frame["timestamp"], frame["node"])]


command, *rest = sys.argv[1:]
if command == "ask":
    for sql in rest:
        print(json.dumps([name for name, *_ in duckdb.execute(sql).description]))
else:
    for path in rest:
        for by in (by_arrow, by_duckdb, by_pandas):
            print(json.dumps({"by": by.__name__, "rows": by(path)}))
