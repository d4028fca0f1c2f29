"""Rows of an Arrow file in memory, to JSON, with boto3's put_records; one JSON line of what that cost.

Command line and line are those of all programs in bench/peers; --threads besides.
"""

import argparse
import concurrent.futures
import json
import os
import platform
import resource
import sys
import time
import uuid

import boto3
import botocore
import botocore.config
import pyarrow as pa
import urllib3

ROWS_OF_A_REQUEST = 500
MAX_ATTEMPTS = 20

encode = json.JSONEncoder(separators=(",", ":")).encode


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory(field):
    """A field of /proc/self/status in bytes: VmRSS, VmHWM (its highest)."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))


def forget_peak():
    """From now on VmHWM is the highest since now."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def load(path, rows):
    """The first rows of an Arrow stream, cut into the rows of a request each; none is copied."""
    slices = []
    with pa.OSFile(path) as file, pa.ipc.open_stream(file) as reader:
        while rows > 0:
            batch = reader.read_next_batch()
            batch = batch.slice(0, min(rows, batch.num_rows))
            rows -= batch.num_rows
            slices += [batch.slice(start, ROWS_OF_A_REQUEST) for start in range(0, batch.num_rows, ROWS_OF_A_REQUEST)]
    return slices


def records_of(rows):
    # Nanoseconds do not fit a datetime: Arrow writes them.
    index = rows.schema.get_field_index("ts")
    rows = rows.set_column(index, "ts", rows.column(index).cast(pa.string()))
    return [{"Data": encode(row).encode(), "PartitionKey": str(uuid.uuid4())} for row in rows.to_pylist()]


def put(client, stream, rows):
    """The number of requests that it took."""
    records = records_of(rows)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        answer = client.put_records(StreamName=stream, Records=records)
        if answer["FailedRecordCount"] == 0:
            return attempt
        records = [record for record, result in zip(records, answer["Records"]) if "ErrorCode" in result]
        time.sleep(0.1)
    sys.exit(f"put_events: {len(records)} rows were refused {MAX_ATTEMPTS} times")


def put_all(client, stream, slices, threads):
    if threads == 1:
        return sum(put(client, stream, rows) for rows in slices)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda rows: put(client, stream, rows), slices))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--ca-bundle")
    parser.add_argument("--stream", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1, help="each with a request in flight")
    parser.add_argument("file")
    given = parser.parse_args()
    slices = load(given.file, given.rows)
    # boto3 itself reads AWS_DEFAULT_REGION only.
    client = boto3.client("kinesis", region_name=os.environ["AWS_REGION"], endpoint_url=given.endpoint_url,
                          verify=given.ca_bundle,
                          config=botocore.config.Config(max_pool_connections=given.threads))
    # Requests of all threads: credentials, connections, memory.
    put_all(client, given.stream, slices[:given.threads], given.threads)
    rss_before = memory("VmRSS")
    forget_peak()
    cpu_before, start = cpu_seconds(), time.perf_counter()
    requests = put_all(client, given.stream, slices, given.threads)
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu_before
    modules = (boto3, botocore, pa, urllib3)
    print(json.dumps({
        "program": "boto3", "versions": {"python": platform.python_version(),
                                         **{module.__name__: module.__version__ for module in modules}},
        "rows": sum(rows.num_rows for rows in slices), "seconds": seconds, "cpu_seconds": cpu,
        "peak_rss_bytes": memory("VmHWM"), "rss_before_bytes": rss_before, "requests": requests,
        "in_flight": given.threads}))


if __name__ == "__main__":
    main()
