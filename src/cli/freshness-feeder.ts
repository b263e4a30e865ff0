/** The feeder's process, forked by `freshness-live.ts`: lands partitions as an exporter would, until its time is over. */
import { systemClock } from '../base/time.js';
import { createRandom } from '../gen/random.js';
import { formatPartition } from '../partition/key.js';
import { compileTemplate } from '../partition/template.js';
import { openStore } from '../store/open.js';
import { generatedKey } from './freshness-index.js';

export interface FeedOrder {
  readonly data: string;
  readonly source: string;
  /** Partitions there are in `data`. */
  readonly count: number;
  readonly seed: number;
  readonly forMs: number;
}

/** A partition that is there. */
export interface Landed {
  readonly time: number;
  /** LastModified of its last object, as the file system has it. */
  readonly landedAt: number;
}

const MINUTE_MS = 60_000;
/** An hour of partition times takes a minute: gaps of five to seven minutes are five to seven seconds. */
const SHRINK = 60;
/** Between the two objects of a partition. */
const BETWEEN_OBJECTS_MS = 150;

async function feed({ data, source, count, seed, forMs }: FeedOrder): Promise<void> {
  const [from, to] = [await openStore({ uri: data }), await openStore({ uri: source })];
  const template = compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M');
  const random = createRandom(seed);
  const started = systemClock.elapsed();
  // Far enough back that the last one is not in the future.
  let time = Math.floor((systemClock.now() - SHRINK * forMs - MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  for (let n = 0; systemClock.elapsed() - started < forMs; n++) {
    const minutes = 5 + random.below(3);
    const folder = formatPartition(template, time);
    await to.put(`${folder}part-0.parquet`, await from.read(generatedKey((2 * n) % count)));
    await systemClock.sleep(BETWEEN_OBJECTS_MS);
    const last = await to.put(`${folder}part-1.parquet`, await from.read(generatedKey((2 * n + 1) % count)));
    process.send!({ time, landedAt: last.lastModified } satisfies Landed);
    time += minutes * MINUTE_MS;
    await systemClock.sleep((minutes * MINUTE_MS) / SHRINK + random.below(1_000) - BETWEEN_OBJECTS_MS);
  }
}

process.once('message', (order: FeedOrder) => {
  feed(order).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`feeder: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
