/** Worker thread: decodes a column, moves its bytes to the parent, and tells how many were left behind. */
import { parentPort } from 'node:worker_threads';
import { assert } from '#src/base/errors.js';
import { loadBytes, openBytes } from './fixtures.js';

const input = await openBytes(loadBytes('types-strings.parquet'), 'types-strings.parquet');
const columns = [{ name: 'text', shape: 'text' }] as const;
const { text } = await input.readRows({ rowGroup: 1, rowStart: 0, rowEnd: 3, columns });
assert(text?.kind === 'bytes', 'text is read as bytes');
const buffer = text.data.buffer as ArrayBuffer;
const decoded = new TextDecoder().decode(text.data);
parentPort!.postMessage({ moved: text.data }, [buffer]);
parentPort!.postMessage({ text: decoded, leftBytes: text.data.byteLength });
