/** The project's code, broken on purpose: each by one fragment of one compiled file. */

export interface Breakage {
  readonly name: string;
  /** Under `dist/`. */
  readonly file: string;
  readonly fragment: string;
  readonly replacement: string;
  /** Checks that may notice it first. */
  readonly noticed: readonly string[];
}

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'the fence is dropped',
    file: 'coordinator/run.js',
    fragment: 'newest.epoch <= epoch',
    replacement: 'true',
    noticed: ['no commit by a fenced writer', 'one daemon leads'],
  },
  {
    name: 'the watermark moves before the segment',
    file: 'coordinator/compose-manifest.js',
    fragment: 'advanceWatermark(previous?.watermark, latest)',
    replacement: 'advanceWatermark(previous?.watermark, Math.max(latest, ...next.skipped.map(({ time }) => time)))',
    noticed: ['the watermark is the newest partition held'],
  },
  {
    name: 'a record is written before its segment',
    file: 'coordinator/write-object.js',
    fragment: 'await writer.close();',
    replacement: 'void context.clock.sleep(3000).then(() => writer.close());',
    noticed: ['nothing is lost', 'freshness is back'],
  },
  {
    name: 'a tombstone is ignored',
    file: 'kills/survivor.js',
    fragment: 'highest(rows, compareRanks);',
    replacement: 'highest(rows.filter(({ isTombstone }) => !isTombstone), compareRanks);',
    noticed: ['live documents are the model’s', 'no group is half new'],
  },
  {
    name: 'the etag is not checked',
    file: 'store/byte-source.js',
    fragment: 'ifMatch: object.etag',
    replacement: 'ifMatch: undefined',
    noticed: ['live documents are the model’s', 'no group is half new'],
  },
  {
    name: 'the etag does not count in a part’s name',
    file: 'coordinator/build-part.js',
    fragment: '[key, size, etag]',
    replacement: '[key, size]',
    noticed: ['no object that was gone before', 'nothing is lost', 'freshness is back'],
  },
  {
    name: 'settle time is ignored',
    file: 'partition/ready.js',
    fragment: 'quietMs >= rule.settleMs',
    replacement: 'true',
    noticed: ['no partition before it is ready'],
  },
  {
    name: 'the nonce is ignored',
    file: 'commit/commit.js',
    fragment: 'other.nonce === manifest.nonce',
    replacement: 'true',
    noticed: ['a run tells what it committed', 'nothing that is named is collected'],
  },
  {
    name: 'a late object is ignored',
    file: 'coordinator/find-work.js',
    fragment: 'late.add(time);',
    replacement: ';',
    noticed: ['nothing is lost', 'freshness is back', 'nothing is held that is gone'],
  },
  {
    name: 'a gap is not widened',
    file: 'partition/coverage.js',
    fragment: "reachesBase || rule.onGap === 'widen'",
    replacement: 'reachesBase',
    noticed: ['nothing is lost'],
  },
  {
    name: 'a gap is not told',
    file: 'partition/select.js',
    fragment: 'plan.gaps.length > 0 || losesData(inScope, latest, options.coverage)',
    replacement: 'plan.gaps.length > 0',
    noticed: ['a gap is told'],
  },
  {
    name: 'a kill bitmap is missing',
    file: 'coordinator/seal-kills.js',
    fragment: 'await context.index.put(object, bitmap);',
    replacement: '',
    noticed: ['every manifest is readable'],
  },
  {
    name: 'the order of versions is ignored',
    file: 'kills/rank.js',
    fragment: 'compareVersions(a.version, b.version) ||',
    replacement: '',
    noticed: ['live documents are the model’s', 'no group is half new'],
  },
  {
    name: 'a group is replaced record by record',
    file: 'kills/groups.js',
    fragment: "if (replace === 'group')\n            supersedeGroup(hits);",
    replacement: '',
    noticed: ['live documents are the model’s', 'no group is half new'],
  },
  {
    name: 'a commit overwrites',
    file: 'commit/commit.js',
    fragment: 'await store.putIfAbsent(manifestKey(manifest.generation), encodeManifest(manifest), signal)',
    replacement: "(await store.put(manifestKey(manifest.generation), encodeManifest(manifest), signal), 'created')",
    noticed: ['a generation is created once'],
  },
];
