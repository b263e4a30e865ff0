/** The daemon's figures in Prometheus' text format, read at the moment they are asked for. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Clock } from '../base/time.js';
import type { DaemonView, IndexView } from './daemon-view.js';

const MS = 1_000;

/** One figure of an index: nothing is told where it is not known. */
interface Figure {
  readonly name: string;
  readonly help: string;
  readonly of: (index: IndexView, now: number) => number | undefined;
}

const FIGURES: readonly Figure[] = [
  { name: 'tidemark_generation', help: 'Newest generation seen', of: ({ generation }) => generation },
  { name: 'tidemark_live_documents', help: 'Live documents', of: ({ live }) => live },
  {
    name: 'tidemark_watermark_timestamp_seconds',
    help: 'Time of the newest committed partition',
    of: ({ watermark }) => watermark && watermark / MS,
  },
  {
    name: 'tidemark_watermark_age_seconds',
    help: 'Now minus the watermark',
    of: ({ watermark }, now) => watermark && (now - watermark) / MS,
  },
  {
    name: 'tidemark_freshness_seconds',
    help: 'From the last object of a partition to its commit, of the last commit',
    of: ({ freshnessMs }) => freshnessMs && freshnessMs / MS,
  },
  {
    name: 'tidemark_last_good_run_age_seconds',
    help: 'Since the last run that ended well',
    of: ({ sinceGoodMs }) => sinceGoodMs && sinceGoodMs / MS,
  },
  { name: 'tidemark_fenced', help: '1 where another daemon leads', of: ({ isFenced }) => (isFenced ? 1 : 0) },
];

/** A registry of its own for each server: nothing global, nothing twice. */
export function daemonMetrics(view: DaemonView, clock: Clock): Registry {
  const registers = [new Registry()];
  const each = (collect: (index: IndexView) => void) => {
    for (const index of view.indexes) collect(index);
  };
  for (const { name, help, of } of FIGURES) {
    new Gauge({
      ...{ name, help, registers, labelNames: ['index'] },
      collect() {
        each((index) => {
          const value = of(index, clock.now());
          if (value !== undefined) this.set({ index: index.name }, value);
        });
      },
    });
  }
  addCounts(registers, each);
  addRequests(registers, each);
  return registers[0]!;
}

type Each = (collect: (index: IndexView) => void) => void;

/** Counts of the daemon's own: they only rise, and begin anew with the process, as counters may. */
function addCounts(registers: Registry[], each: Each): void {
  const counter = (
    name: string,
    help: string,
    label: string,
    of: (index: IndexView) => Readonly<Record<string, number>>,
  ) =>
    new Counter({
      ...{ name, help, registers, labelNames: ['index', label] },
      collect() {
        this.reset();
        each((index) => {
          for (const [value, count] of Object.entries(of(index)))
            this.inc({ index: index.name, [label]: value }, count);
        });
      },
    });
  counter('tidemark_runs_total', 'Runs by what started them', 'occasion', ({ ticks, hinted }) => ({
    tick: ticks,
    hint: hinted,
  }));
  counter('tidemark_skipped_ticks_total', 'Ticks without a run', 'reason', ({ skipped }) => skipped);
  counter('tidemark_run_outcomes_total', 'Runs by how they ended', 'outcome', ({ outcomes }) => outcomes);
}

const KINDS = ['list', 'get', 'put', 'head', 'delete'] as const;

/** Requests of the thread that runs the show; the input itself is read by worker threads. */
function addRequests(registers: Registry[], each: Each): void {
  const help = 'Requests to a store by the coordinating thread, retries included';
  new Counter({
    ...{ name: 'tidemark_store_requests_total', help, registers, labelNames: ['index', 'store', 'kind'] },
    collect() {
      this.reset();
      each(({ name, stores }) => {
        for (const [store, counters] of Object.entries(stores)) {
          for (const kind of KINDS) this.inc({ index: name, store, kind }, counters?.[kind] ?? 0);
        }
      });
    },
  });
  new Counter({
    ...{ name: 'tidemark_store_bytes_total', help: 'Bytes to and from a store by the coordinating thread' },
    ...{ registers, labelNames: ['index', 'store', 'direction'] },
    collect() {
      this.reset();
      each(({ name, stores }) => {
        for (const [store, counters] of Object.entries(stores)) {
          this.inc({ index: name, store, direction: 'read' }, counters?.readBytes ?? 0);
          this.inc({ index: name, store, direction: 'written' }, counters?.writtenBytes ?? 0);
        }
      });
    },
  });
}
