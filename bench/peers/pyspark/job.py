"""A plain Spark job in the protocol of the peers: one timed job for every line `run` on standard input.

job.py --source FOLDER --index FOLDER --threads N [--probes w1,w2,..]

Everything is built-in expressions: no Python on the path of the data. One shuffle: tokens with document and position are grouped by field
and term, and each list is sorted within its group. The session starts at the first `run` and stays; that start is not in the time.
"""

import argparse
import json
import os
import shutil
import sys
import time

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

TEXT_FIELDS = ["name", "summary"]
# Runs of letters and digits, in lower case: the analyzer `simple`.
TOKEN = r"([\p{L}\p{Nd}]+)"


def start_session(threads: int) -> SparkSession:
    session = (
        SparkSession.builder.master(f"local[{threads}]")
        .appName("postings")
        .config("spark.driver.memory", "8g")
        # Of tens of megabytes of postings: one partition a core, where the default of 200 is for a cluster.
        .config("spark.sql.shuffle.partitions", str(2 * threads))
        # A file of one partition is split by row group, so that all cores read.
        .config("spark.sql.files.maxPartitionBytes", str(8 << 20))
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.driver.extraJavaOptions", "-XX:+UseParallelGC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def postings_of(documents: DataFrame) -> DataFrame:
    """(field, term, postings of (doc, position)), one row a term."""
    texts = [
        documents.select(
            F.lit(field).alias("field"),
            "doc",
            F.posexplode(F.regexp_extract_all(F.lower(field), F.lit(TOKEN), 1)).alias("position", "term"),
        )
        for field in TEXT_FIELDS
    ]
    keywords = [
        documents.select(F.lit("keywords").alias("field"), "doc", F.posexplode("keywords").alias("position", "term")),
        documents.where("version is not null").select(
            F.lit("version").alias("field"), "doc", F.lit(0).alias("position"), F.col("version").alias("term")
        ),
    ]
    tokens, *others = texts + keywords
    for other in others:
        tokens = tokens.unionAll(other)
    return tokens.groupBy("field", "term").agg(
        F.sort_array(F.collect_list(F.struct("doc", "position"))).alias("postings")
    )


def build(session: SparkSession, source: str, index: str) -> None:
    documents = session.read.option("recursiveFileLookup", True).parquet(source)
    # Dense within a partition of the input, ascending over all of them.
    documents = documents.withColumn("doc", F.monotonically_increasing_id())
    length = lambda field: F.size(F.regexp_extract_all(F.lower(field), F.lit(TOKEN), 1))
    documents.select(
        "doc", "package", "keywords", "version", "downloads", *[length(f).alias(f"{f}_length") for f in TEXT_FIELDS]
    ).write.parquet(f"{index}/documents")
    postings_of(documents).write.parquet(f"{index}/postings")
    if session.read.parquet(f"{index}/postings").isEmpty():
        raise RuntimeError("an index without terms")


def counts_of(session: SparkSession, index: str, probes: list[str]) -> dict:
    postings = session.read.parquet(f"{index}/postings").where(F.col("field").isin(TEXT_FIELDS))
    sums = postings.groupBy("field").agg(F.sum(F.size("postings")).alias("tokens"), F.count("*").alias("terms")).collect()
    words = postings.where(F.col("term").isin(probes)).select(
        "field", "term", F.size(F.array_distinct(F.transform("postings", lambda p: p.doc))).alias("docs")
    )
    doc_freq = {field: {word: 0 for word in probes} for field in TEXT_FIELDS}
    for row in words.collect():
        doc_freq[row.field][row.term] = row.docs
    return {
        "docs": session.read.parquet(f"{index}/documents").count(),
        "tokens": {row.field: row.tokens for row in sums},
        "terms": {row.field: row.terms for row in sums},
        "docFreq": doc_freq,
    }


def folder_bytes(folder: str) -> int:
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def jvm_pid(session: SparkSession) -> int:
    return session.sparkContext._jvm.java.lang.ProcessHandle.current().pid()


def cpu_ms(pids: list[int]) -> float:
    """User and system time of processes, from proc(5)."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def peak_bytes(pids: list[int]) -> int:
    peak = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            peak += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
    return peak


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--index", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--probes", default="")
    options = parser.parse_args()
    probes = [word for word in options.probes.split(",") if word]
    session = None
    counts = None
    for line in sys.stdin:
        if line.strip() != "run":
            raise ValueError(f"expected 'run', got '{line}'")
        session = session or start_session(options.threads)
        pids = [os.getpid(), jvm_pid(session)]
        shutil.rmtree(options.index, ignore_errors=True)
        cpu = cpu_ms(pids)
        start = time.perf_counter()
        build(session, options.source, options.index)
        took = (time.perf_counter() - start) * 1000
        report = {
            "program": "pyspark",
            "version": session.version,
            "threads": options.threads,
            "ms": took,
            "cpuMs": cpu_ms(pids) - cpu,
            "indexBytes": folder_bytes(options.index),
            "peakBytes": peak_bytes(pids),
        }
        counts = counts or counts_of(session, options.index, probes)
        report |= counts
        report["notes"] = "the session's start is not timed; postings and documents are Parquet; no fsync; JVM and Python together"
        print(json.dumps(report), flush=True)
    if session:
        session.stop()


if __name__ == "__main__":
    main()
