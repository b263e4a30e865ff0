/**
 * Watches the newest folders of a tree of partitions, for hints only. A tree may hold many thousands of folders, and new objects land in the
 * newest ones: the root and the last few names of every level are watched, a handful of watches whatever the tree's size.
 */
import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/time.js';
import { parseFileUri } from './file-path.js';

/** Folders of a level that are watched: partitions land a little out of order. */
const NEWEST = 2;
/** A burst of events looks at the tree once. */
const LOOK_AGAIN_MS = 50;

export interface FolderWatch {
  /** Folders watched right now. */
  readonly folders: () => readonly string[];
  close(): void;
}

/** Calls `onChange` when something changes below `uri`; `depth` levels of folders lead to the objects. What cannot be watched is left out. */
export function watchNewest(uri: string, depth: number, onChange: () => void, clock: Clock): FolderWatch {
  const root = parseFileUri(uri);
  const watchers = new Map<string, FSWatcher>();
  let isClosed = false;
  let isLooking = false;
  const look = () => {
    isLooking = false;
    if (isClosed) return;
    const wanted = newestFolders(root, depth);
    for (const [folder, watcher] of watchers) {
      if (wanted.includes(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of wanted) if (!watchers.has(folder)) open(folder);
  };
  const changed = () => {
    onChange();
    if (isLooking) return;
    isLooking = true;
    void clock.sleep(LOOK_AGAIN_MS).then(look);
  };
  const open = (folder: string) => {
    try {
      const watcher = watch(folder, { persistent: false }, changed);
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(folder);
      });
      watchers.set(folder, watcher);
    } catch {
      // Gone already, or no watch is left on this machine: the grid does without.
    }
  };
  look();
  return {
    folders: () => [...watchers.keys()],
    close: () => {
      isClosed = true;
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** The root and, level by level, the last names below each folder taken so far. */
function newestFolders(root: string, depth: number): string[] {
  const all = [root];
  for (let level = 0, folders = [root]; level < depth; level++) {
    folders = folders.flatMap((folder) => lastFolders(folder).map((name) => join(folder, name)));
    all.push(...folders);
  }
  return all;
}

function lastFolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name)).map(({ name }) => name);
    return names.sort().slice(-NEWEST);
  } catch {
    return [];
  }
}
