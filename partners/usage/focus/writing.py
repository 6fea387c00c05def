"""CSV of made-up exports: whole lines made by DuckDB, handed on as blocks of bytes."""

import gzip
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

ROWS = 40_000
"""Rows in one block, some 25 megabytes; a compressed file has one member for each."""

PACKERS = 2
LEVEL = 1


def write_csv(
    connection: duckdb.DuckDBPyConnection, query: str, *, header: str, into: Path
) -> None:
    """Write the lines of a query of one text column, gzipped where the name says so."""
    blocks = _blocks(connection, query, header=header)
    with into.open("wb", buffering=0) as file:
        for block in _packed(blocks) if into.suffix == ".gz" else blocks:
            file.write(block)


def _blocks(
    connection: duckdb.DuckDBPyConnection, query: str, *, header: str
) -> Iterator[memoryview]:
    """Yield the header and then the text of many rows at a time, without copying it."""
    yield memoryview(f"{header}\n".encode())
    for batch in connection.sql(query).to_arrow_reader(ROWS):
        column: pa.StringArray = batch.column(0)
        _valid, offsets, text = column.buffers()
        if text is None or offsets is None:
            raise TypeError
        ends = np.frombuffer(offsets, dtype="int32")
        first, last = ends[column.offset], ends[column.offset + len(column)]
        yield memoryview(text)[int(first) : int(last)]


def _packed(blocks: Iterator[memoryview]) -> Iterator[bytes]:
    """Compress each block by itself, some at a time, and yield them in their order."""
    at_work: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(PACKERS) as pool:
        for block in blocks:
            at_work.append(pool.submit(gzip.compress, block, LEVEL, mtime=0))
            if len(at_work) > PACKERS:
                yield at_work.popleft().result()
        while at_work:
            yield at_work.popleft().result()
