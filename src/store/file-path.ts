/** Addresses of file stores. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TidemarkError } from '../base/errors.js';

/** `file:///abs`, `file:rel`, or a plain path -> an absolute path; fails with code `config`. */
export function parseFileUri(uriOrPath: string): string {
  if (uriOrPath === '' || uriOrPath === 'file:' || uriOrPath.includes('\0')) {
    throw new TidemarkError('config', 'the address of the store is empty or no path', { fix: 'name a folder' });
  }
  if (!uriOrPath.startsWith('file:')) return resolve(uriOrPath);
  if (!uriOrPath.startsWith('file://')) return resolve(uriOrPath.slice('file:'.length));
  try {
    return fileURLToPath(uriOrPath);
  } catch (error) {
    throw new TidemarkError('config', `'${uriOrPath}' is no address of a local folder`, {
      fix: 'write file:///absolute/path, file:relative/path or a plain path',
      cause: error,
    });
  }
}
