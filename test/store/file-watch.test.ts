import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { type FolderWatch, watchNewest } from '#src/store/file-watch.js';

let root: string;
let watching: FolderWatch | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-watch-'));
});
afterEach(() => {
  watching?.close();
  rmSync(root, { recursive: true, force: true });
});

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('a watch of the newest folders', () => {
  it('holds a handful of folders however many there are', () => {
    for (let hour = 0; hour < 24; hour++) {
      for (let minute = 0; minute < 60; minute += 5)
        mkdirSync(join(root, `dt=1/hour=${hour + 10}/minute=${minute + 10}`), { recursive: true });
    }
    watching = watchNewest(root, 3, () => undefined, systemClock);
    assert.deepEqual(
      watching.folders().map((folder) => folder.slice(root.length)),
      [
        '',
        '/dt=1',
        ...['/dt=1/hour=32', '/dt=1/hour=33'],
        ...['/dt=1/hour=32/minute=60', '/dt=1/hour=32/minute=65', '/dt=1/hour=33/minute=60', '/dt=1/hour=33/minute=65'],
      ],
    );
  });

  it('tells of objects in folders that came after it began', async () => {
    let changes = 0;
    watching = watchNewest(root, 2, () => changes++, systemClock);
    const folder = join(root, 'dt=1/hour=01');
    mkdirSync(folder, { recursive: true });
    await until(() => watching!.folders().includes(folder));
    const before = changes;
    writeFileSync(join(folder, 'a.parquet'), 'x');
    await until(() => changes > before);
  });

  it('does without what it cannot watch', () => {
    watching = watchNewest(join(root, 'not-there'), 2, () => undefined, systemClock);
    assert.deepEqual(watching.folders(), []);
  });
});
