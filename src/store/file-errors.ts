/** What the operating system's error codes mean to a person. */
import { TidemarkError } from '../base/errors.js';

const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'free space on that file system, or point the store at a larger one',
  EDQUOT: 'raise the disk quota of this user, or free space',
  EACCES: 'give this user read and write permission on the path',
  EPERM: 'give this user permission, and use a file system with hard links',
  EROFS: 'mount the file system writable, or point the store elsewhere',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENFILE: 'raise the limit of open files of this machine',
  ENAMETOOLONG: 'shorten the key: a name between two slashes may have 255 bytes',
  ENOTDIR: 'a key cannot be an object and a folder of other keys at once: rename one of them',
  EEXIST: 'a key cannot be an object and a folder of other keys at once: rename one of them',
  EISDIR: 'a key cannot be an object and a folder of other keys at once: rename one of them',
  ENOTEMPTY: 'a key cannot be an object and a folder of other keys at once: rename one of them',
  EXDEV: 'keep all of the store on one file system, or mount the other one as a store of its own',
  ENOTSUP: 'use a file system with hard links: creating a manifest rests on them',
  EOPNOTSUPP: 'use a file system with hard links: creating a manifest rests on them',
  ELOOP: 'remove the symbolic link that leads back into the store',
  EIO: 'check the disk',
  ESTALE: 'mount the network file system anew',
};

/** The code of a system error, such as 'ENOENT'; '' for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the path is not there: nothing of that name, or a file where a folder would have to be. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A system error as `TidemarkError` with code `store`; one that is a `TidemarkError` already stays what it is. */
export function fileError(error: unknown, doing: string, where: { store: string; object: string }): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const code = systemCode(error);
  const fix = FIXES[code];
  const reason = error instanceof Error ? error.message : String(error);
  return new TidemarkError('store', `the file system refused to ${doing}: ${reason}`, {
    where,
    cause: error,
    ...(fix === undefined ? {} : { fix }),
  });
}
