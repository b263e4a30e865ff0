/** One index of the configuration -> the settings of its runs. */
import { TidemarkError } from '../base/errors.js';
import type { Config, IndexConfig } from '../config/config.js';
import { schemaFingerprint } from '../config/fingerprint.js';
import type { IndexSettings } from '../coordinator/settings.js';
import { FORMAT_VERSION } from '../segment/layout.js';

/** Fails with code `config` on what one process cannot do. */
export function indexSettings(config: Config, index: IndexConfig): IndexSettings {
  if (index.index.slices !== 1) {
    throw new TidemarkError('config', `index.slices is ${index.index.slices}, and this command builds one slice`, {
      fix: 'set index.slices to 1',
    });
  }
  return {
    source: index.source,
    schema: index.schema,
    patches: index.patches,
    fingerprintOf: (schema) => schemaFingerprint(schema, FORMAT_VERSION),
    index: index.index.store,
    maxRejectRatio: config.build.maxRejectRatio,
    stored: config.build.stored,
    shardBytes: config.build.shardBytes === 'auto' ? undefined : config.build.shardBytes,
    gate: config.gate,
    keepMs: index.index.keepMs,
  };
}
