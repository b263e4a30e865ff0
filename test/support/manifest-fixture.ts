/** Manifests for tests: small, sound, and changed by the fields a test names. */
import type { Manifest, SegmentEntry } from '#src/manifest/manifest.js';

export function aSegment(more: Partial<SegmentEntry> = {}): SegmentEntry {
  return {
    name: `segments/${'a'.repeat(32)}.tms`,
    bytes: 1_000,
    sha256: 'b'.repeat(64),
    docs: 10,
    live: 10,
    partitions: { count: 0, runs: [] },
    ...more,
  };
}

export function aManifest(more: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    generation: 1,
    epoch: 1,
    nonce: 'n-1',
    createdAt: Date.parse('2026-05-04T02:16:00Z'),
    watermark: undefined,
    closeReason: 'complete',
    outcome: 'met',
    coverage: { from: undefined, to: undefined, partitions: [], skipped: [], gap: false, gaps: [], lateBeyondBase: 0 },
    base: null,
    delta: { segments: [] },
    kills: {},
    schema: { fingerprint: 'c'.repeat(64), replace: 'record' },
    statistics: {},
    counts: { docs: 0, live: 0, killed: 0, rejected: 0, moved: 0 },
    phases: { select: 0, read: 0, build: 0, merge: 0, seal: 0, commit: 0 },
    totalMs: 0,
    freshnessMs: null,
    held: [],
    ...more,
  };
}
