/** Fingerprint of a schema: two schemas with the same one make the same bytes of the same input. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.js';
import { assert } from '../base/errors.js';
import type { SchemaSettings } from '../coordinator/settings.js';

/**
 * SHA-256 in hex over what changes the bytes and nothing else. Fields and stored columns count as sets: their order in
 * the file changes nothing. `numeric` fields must be resolved before, since the column's type decides the bytes.
 */
export function schemaFingerprint(schema: SchemaSettings, formatVersion: number): string {
  const fields = schema.fields.map(({ name, type, analyzer }) => {
    assert(type !== 'numeric', `the type of numeric field ${name} is resolved before a fingerprint is taken`);
    return { name, type, analyzer };
  });
  const text = canonicalJson({
    format: formatVersion,
    id: schema.id,
    group: schema.group,
    version: schema.version,
    deleted: schema.deleted,
    replace: schema.replace,
    fields: fields.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    stored: schema.stored.toSorted(),
  });
  return createHash('sha256').update(text).digest('hex');
}
