/**
 * `npm run chaos -- [--kills 1000] [--seed 1] [--base-every 40]`: the real daemon is killed with SIGKILL again and again while partitions land
 * and a reader asks without pause. Nothing may get lost, no read may fail or mix two generations, and nobody repairs anything: each
 * daemon finds the index as the one before left it. What is random follows the seed; where a kill falls is the machine's affair too.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '#src/gen/random.js';
import type { SearchResult } from '#src/index.js';
import { ChaosDaemon, type Moment, runCli } from './daemon.js';
import { feed, TEMPLATE } from './feeder.js';
import { killSomewhere } from './killer.js';
import { compareAll, ReadLog, readAlways } from './reader.js';
import { World } from './world.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    'base-every': { type: 'string', default: '40' },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const baseEvery = Number(values['base-every']);

/** Partitions that may wait for the index: a daemon that dies young makes no headway, and the model is no test of a backlog. */
const MAX_AHEAD = 6;
/** For the last daemon to catch up. */
const CATCH_UP_MS = 60_000;

function writeConfig(root: string): string {
  const config = join(root, 'tidemark.yaml');
  writeFileSync(
    config,
    `source: { uri: ${join(root, 'source')}, partition: "${TEMPLATE}", ready: { settle: 0s, minObjects: 2 } }
schema: { id: id, version: stamp, deleted: deleted, fields: { text: text, kind: keyword, stamp: i64 }, stored: [stamp] }
index: { uri: ${join(root, 'index')} }
trigger: { every: 100ms, deadline: 30s }
build: { threads: 1 }
serve: never
gate: { maxKillRatio: 1 }
`,
  );
  return config;
}

async function chaos(root: string, world: World, log: ReadLog): Promise<ReadonlyMap<Moment, number>> {
  const [source, index] = [join(root, 'source'), join(root, 'index')];
  mkdirSync(source);
  const config = writeConfig(root);
  const random = createRandom(seed);
  const over = new AbortController();
  const feedOver = new AbortController();
  const feeding = feed(
    source,
    world,
    createRandom(seed, 2),
    () => world.partitions - log.newest < MAX_AHEAD,
    feedOver.signal,
  );
  const reading = readAlways(index, world, log, over.signal);
  const moments = new Map<Moment, number>();
  let daemon = new ChaosDaemon(config, undefined);
  for (let kill = 1; kill <= kills; kill++) {
    const moment = await killSomewhere(daemon, random);
    moments.set(moment, (moments.get(moment) ?? 0) + 1);
    const code = daemon.process.exitCode;
    if (code !== null) log.fail(`the daemon ended by itself with ${code}: ${daemon.stderr}`);
    daemon = new ChaosDaemon(config, daemon.grid);
    if (baseEvery > 0 && kill % baseEvery === 0) await newBase(config, log);
    if (kill % 10 === 0) await searchOnce(index, log);
    if (kill % 50 === 0)
      console.log(`${kill} kills, ${log.reads} reads, partition ${log.newest} of ${world.partitions}`);
  }
  feedOver.abort();
  await feeding;
  await caughtUp(world, log);
  daemon.kill('SIGTERM');
  const code = await daemon.ended;
  if (code !== 0) log.fail(`asked to stop, the daemon ended with ${code}: ${daemon.stderr}`);
  over.abort();
  await reading;
  await compareAll(index, world, log);
  const check = await runCli('check', '--index', index);
  if (check.code !== 0) log.fail(`check: ${check.stdout} ${check.stderr}`);
  return moments;
}

/** An operator's command beside the daemon: all that is there becomes a base, so that deltas stay short. */
async function newBase(config: string, log: ReadLog): Promise<void> {
  const { code, stderr } = await runCli('build', '-c', config, '--base');
  if (code !== 0) log.fail(`build --base ended with ${code}: ${stderr}`);
}

/** The same as one of the reader's questions, through the command line. */
async function searchOnce(index: string, log: ReadLog): Promise<void> {
  if (log.newest === 0) return;
  const { code, stdout, stderr } = await runCli('search', '--index', index, 'kind:pulse', '-k', '50', '--json');
  if (code !== 0) log.fail(`search ended with ${code}: ${stderr}`);
  else log.answer(JSON.parse(stdout) as SearchResult, 'command line');
}

async function caughtUp(world: World, log: ReadLog): Promise<void> {
  for (let waited = 0; waited < CATCH_UP_MS && log.newest < world.partitions; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const root = mkdtempSync(join(tmpdir(), 'tidemark-chaos-'));
const world = new World(seed);
const log = new ReadLog();
const begun = performance.now();
const moments = await chaos(root, world, log);
const seconds = Math.round((performance.now() - begun) / 1_000);
const hit = [...moments].map(([moment, count]) => `${moment} ${count}`).join(', ');
console.log(`seed ${seed}: ${kills} kills in ${seconds} s, hit at: ${hit}`);
console.log(
  `${world.partitions} partitions, ${world.live.size} live documents, ${log.reads} reads of ${log.generations.size} generations`,
);
for (const defect of log.defects.slice(0, 20)) console.log(`defect: ${defect}`);
console.log(
  log.defects.length === 0
    ? 'nothing lost, no failed or mixed read'
    : `${log.defects.length} defects; the files stay in ${root}`,
);
if (log.defects.length === 0) rmSync(root, { recursive: true, force: true });
process.exitCode = log.defects.length === 0 ? 0 : 1;
