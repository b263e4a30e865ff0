/** Fields that an export can be asked for. */
import { TidemarkError } from '../base/errors.js';
import type { Snapshot } from '../search/snapshot.js';
import { hasTerms } from '../segment/layout.js';

/** Fails with code `usage` where the field has no terms, naming those that have. */
export function requireTermsField({ fields }: Snapshot, name: string): void {
  const field = fields.get(name);
  if (field !== undefined && hasTerms(field.type)) return;
  const known = [...fields.values()].filter((entry) => hasTerms(entry.type) && !entry.name.startsWith('_'));
  throw new TidemarkError('usage', `there is no text or keyword field ${name}`, {
    fix: `such fields are ${known.map((entry) => entry.name).join(', ')}`,
  });
}
