/** Exported Parquet as DuckDB reads it, beside the index's own answers; needs a Python with DuckDB (`.ci/duckdb.sh`). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildFlags, landMinutes, tidemark, tidemarkJson } from '../support/cli.js';

const python = process.env.TIDEMARK_DUCKDB_PYTHON;
const SCRIPT = 'import duckdb, json, sys; print(json.dumps(duckdb.sql(sys.argv[1]).fetchall()))';

const skip = python === undefined ? 'TIDEMARK_DUCKDB_PYTHON is not set' : false;

test('DuckDB counts documents, sums numbers and groups postings as the index does', { skip }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-duckdb-'));
  const query = (sql: string) => JSON.parse(execFileSync(python!, ['-c', SCRIPT, sql], { encoding: 'utf8' }));
  try {
    const [source, index] = [join(root, 'source'), join(root, 'index')];
    landMinutes(source, 0, 5);
    const { live } = await tidemarkJson<{ live: number }>(...buildFlags(source, index));
    const [documents, postings] = [join(root, 'documents.parquet'), join(root, 'postings.parquet')];
    await tidemark('export', 'parquet', '--index', index, '--out', documents);
    await tidemark('export', 'parquet', '--index', index, '--postings', 'summary', '--out', postings);
    assert.deepEqual(query(`select count(*), count(distinct id) from '${documents}'`), [[live, live]]);
    const { terms } = await tidemarkJson<{ terms: { term: string; docFreq: number; totalTermFreq: number }[] }>(
      ...['terms', '--index', index, 'summary', '--json'],
    );
    assert.deepEqual(
      query(`select term, count(*), cast(sum(freq) as bigint) from '${postings}' group by term order by encode(term)`),
      terms.map(({ term, docFreq, totalTermFreq }) => [term, docFreq, totalTermFreq]),
    );
    const { total } = await tidemarkJson<{ total: number }>(
      ...['search', '--index', index, 'downloads:[1000 TO *]', '--count', '--json'],
    );
    assert.deepEqual(query(`select count(*) from '${documents}' where downloads >= 1000`), [[total]]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
