/** What the demo indexes, and how: the flags a person would write for the same job. */
import type { Config } from '../config/config.js';
import { configFromFlags } from '../config/flags.js';

/** Distance of two landing partitions: quick enough to watch twelve of them, slow enough to read each line. */
export const FEED_EVERY_MS = 700;
/** Distance of the daemon's ticks. */
export const TRIGGER_EVERY_MS = 500;
/** The configuration's default: the ticks are for the eye, what counts is that a run is done long before the next real partition. */
export const DEADLINE_MS = 30_000;
/** How long a partition must have been unchanged: its two objects land within a few ms. */
const SETTLE = '50ms';

/** The demo's configuration; a full pass lands whole partitions only, so it has nothing to settle. */
export function demoConfig(sourceUri: string, indexUri: string, isOnce: boolean): Config {
  return configFromFlags({
    source: sourceUri,
    index: indexUri,
    id: 'package',
    group: 'scope',
    version: 'updated_at',
    deleted: 'deleted',
    text: ['name', 'summary'],
    keyword: ['keywords', 'version'],
    numeric: ['downloads', 'updated_at'],
    stored: ['name', 'summary'],
    settle: isOnce ? '0s' : SETTLE,
  });
}

/** Searches shown at the end. */
export const QUERIES = [
  'react table',
  '"command line"',
  'name:types -summary:react',
  'keywords:cli AND downloads:[100000 TO *]',
] as const;

/** Terms whose document counts are shown: field and term. */
export const TERMS = [
  ['name', 'react'],
  ['summary', 'typescript'],
  ['summary', 'node.js'],
  ['keywords', 'cli'],
] as const;
