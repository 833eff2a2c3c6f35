"""A sample of texts written and read as Parquet (Snappy) by pyarrow, on one thread."""

import io
import time

import pyarrow as pa
import pyarrow.parquet as pq
from measuring import report, runs, sample

pa.set_cpu_count(1)
texts = sample("text")
table = pa.table({"id": [str(i) for i in range(len(texts))], "text": texts})


def write():
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="snappy", use_dictionary=False)
    return buffer.getvalue()


def timed(work):
    work()
    seconds = []
    for _ in range(runs()):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


stored = write()
report("pyarrow (C++), write", texts, timed(write))
report(
    "pyarrow (C++), read the text",
    texts,
    timed(lambda: pq.read_table(io.BytesIO(stored), columns=["text"], use_threads=False)),
)
