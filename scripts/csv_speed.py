#!/usr/bin/env python3
"""Times duckdb's and polars' CSV readers on a file that `cargo bench --bench csv -- 200 FILE` kept.

    python3 -m venv VENV && VENV/bin/pip install duckdb polars
    VENV/bin/python scripts/csv_speed.py FILE

One thread each, as a browser's worker has; every cell is read as text into columns in memory; seconds
are those that the process has been on a CPU, the fastest of three runs.
"""

import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"

import duckdb  # noqa: E402
import polars  # noqa: E402

RUNS = 3


def by_duckdb(path):
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(f"create table t as select * from read_csv('{path}', all_varchar = true)")
    return connection.execute("select count(*) from t").fetchone()[0]


def by_polars(path):
    return polars.read_csv(path, infer_schema=False).height


def by_polars_categorical(path):
    return polars.read_csv(path, infer_schema=False).select(polars.all().cast(polars.Categorical)).height


def main():
    path = sys.argv[1]
    megabytes = os.path.getsize(path) / 1e6
    for name, read in [
        (f"duckdb {duckdb.__version__}, text columns", by_duckdb),
        (f"polars {polars.__version__}, text columns", by_polars),
        (f"polars {polars.__version__}, dictionary-encoded", by_polars_categorical),
    ]:
        best, rows = float("inf"), 0
        for _ in range(RUNS):
            begun = time.process_time()
            rows = read(path)
            best = min(best, time.process_time() - begun)
        print(f"{name}: {megabytes / best:.0f} MB/s, {best:.2f} s, {rows} rows")


if __name__ == "__main__":
    main()
