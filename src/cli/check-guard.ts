/** What a check reads, and what keeps it from being read. */
import { TidemarkError } from '../base/errors.js';
import type { SegmentDefect } from '../segment/check.js';

/** Turns `corrupt` and `not-found` into a defect. */
export async function guarded<T>(
  defects: SegmentDefect[],
  segment: string,
  section: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TidemarkError) || !['corrupt', 'not-found'].includes(error.code)) throw error;
    defects.push({ segment, section, message: error.message });
    return undefined;
  }
}
