/**
 * A file held open for many reads: opened, looked at and closed once, where a read of its own costs all three. Its number is good in
 * every thread of the process, so that all threads of a merge share one handle a part.
 */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { TidemarkError } from '../base/errors.js';
import type { OpenObject } from './store.js';

/** How the store words what went wrong, and what it knows a revision by. */
export interface OpenFileRules {
  etagOf(handle: FileHandle): Promise<string>;
  changed(): TidemarkError;
}

/** Takes the handle over, closed where the file is not the revision that is wanted. */
export async function openFileObject(handle: FileHandle, etag: string, rules: OpenFileRules): Promise<OpenObject> {
  const expectEtag = async () => {
    if ((await rules.etagOf(handle)) !== etag) throw rules.changed();
  };
  try {
    await expectEtag();
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    file: handle.fd,
    read: async (start, end) => {
      const bytes = new Uint8Array(Math.max(0, end - start));
      readOpenFile(handle.fd, start, bytes);
      return bytes;
    },
    close: async () => {
      try {
        await expectEtag();
      } finally {
        await handle.close();
      }
    },
  };
}

/**
 * Fills `into` from an open file's byte `start` on, at once: a trip through node's pool costs more than such a read does, of some KiB
 * that were written not long ago.
 */
export function readOpenFile(file: number, start: number, into: Uint8Array): void {
  for (let at = 0; at < into.length; ) {
    const count = readSync(file, into, at, into.length - at, start + at);
    if (count === 0) {
      throw new TidemarkError('changed', 'the object became shorter while it was read', {
        fix: 'list it again and read the new revision',
      });
    }
    at += count;
  }
}
