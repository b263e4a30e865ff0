/** Names of the objects under an index prefix: every key is spelled here and nowhere else. */
import { assert } from '../base/errors.js';

export const MANIFEST_PREFIX = 'manifests/';
export const SEGMENT_PREFIX = 'segments/';
export const PART_PREFIX = 'parts/';
export const KILL_PREFIX = 'kills/';
export const OVERLAY_PREFIX = 'overlays/';
export const REJECT_PREFIX = 'rejects/';
export const RUN_PREFIX = 'runs/';
/** What the leader is at: liveness only, and the one object that is overwritten. */
export const HEARTBEAT_KEY = 'heartbeat.json';

/** What past runs taught about costs. */
export const RATES_KEY = `${RUN_PREFIX}rates.json`;

/** Digits of a generation: enough for any 64-bit number, so that names sort by generation for ever. */
const GENERATION_DIGITS = 20;

/**
 * Hex digits of a plan hash in a name: 128 bits of its SHA-256. Plans of one index meet by chance once in 2^64, and the
 * shorter name keeps a manifest of 2,016 partitions under its bound.
 */
export const PLAN_HASH_DIGITS = 32;

/** `manifests/00000000000000000042.json` */
export function manifestKey(generation: number): string {
  assert(Number.isSafeInteger(generation) && generation >= 0, `generation ${generation} is a whole number`);
  return `${MANIFEST_PREFIX}${String(generation).padStart(GENERATION_DIGITS, '0')}.json`;
}

/** The generation a key names; undefined for anything else under the prefix. */
export function generationOf(key: string): number | undefined {
  const digits = /^manifests\/([0-9]{20})\.json$/.exec(key)?.[1];
  const generation = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(generation) ? generation : undefined;
}

/** Cuts a SHA-256 in hex to the plan hash that names stand on. */
export function planHash(sha256Hex: string): string {
  assert(/^[0-9a-f]{64}$/.test(sha256Hex), 'a plan hash is cut from a SHA-256 in hex');
  return sha256Hex.slice(0, PLAN_HASH_DIGITS);
}

/** `segments/<plan hash>.tms` */
export function segmentKey(hash: string): string {
  return `${SEGMENT_PREFIX}${requireHash(hash)}.tms`;
}

/** `parts/<plan hash>.tms` */
export function partKey(hash: string): string {
  return `${PART_PREFIX}${requireHash(hash)}.tms`;
}

/** The plan hash in the name of a part; undefined for any other key. */
export function partHashOf(key: string): string | undefined {
  return /^parts\/([0-9a-f]{32})\.tms$/.exec(key)?.[1];
}

/** `<segment>.json` beside `<segment>.tms`: what a segment was made from. */
export function recordKey(segment: string): string {
  return segment.replace(/\.tm[sc]$/, '.json');
}

/** `parts/<plan hash>.bad.json`: why these very objects could not be read as data. */
export function badPartKey(hash: string): string {
  return `${PART_PREFIX}${requireHash(hash)}.bad.json`;
}

/** `kills/<hash of segment and bitmap>.tmk` */
export function killKey(hash: string): string {
  return `${KILL_PREFIX}${requireHash(hash)}.tmk`;
}

/** `parts/<plan hash>.tmc`: the part of a patch source's partition. */
export function patchKey(hash: string): string {
  return `${PART_PREFIX}${requireHash(hash)}.tmc`;
}

/** `overlays/<hash of segment, field and values>.tmo` */
export function overlayKey(hash: string): string {
  return `${OVERLAY_PREFIX}${requireHash(hash)}.tmo`;
}

/** `rejects/<plan hash of the part>.json` */
export function rejectKey(hash: string): string {
  return `${REJECT_PREFIX}${requireHash(hash)}.json`;
}

/** `runs/00000000000000000042-<name>.json`, ordered by the generation the run committed or aimed at. */
export function runKey(generation: number, name: string): string {
  assert(/^[a-z0-9][a-z0-9-]*$/.test(name), `run record "${name}" is a lower-case name`);
  return `${RUN_PREFIX}${String(generation).padStart(GENERATION_DIGITS, '0')}-${name}.json`;
}

function requireHash(hash: string): string {
  assert(new RegExp(`^[0-9a-f]{${PLAN_HASH_DIGITS}}$`).test(hash), `"${hash}" is a plan hash`);
  return hash;
}
