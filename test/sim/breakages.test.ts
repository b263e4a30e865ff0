/** Each of the named breakages is noticed: a simulator that finds nothing in broken code would prove nothing about whole code. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { BREAKAGES } from './breakages.js';

/** Histories that a breakage may survive at most. */
const MOST = '400';
const PROGRAM = 'build/test/sim/broken.js';

describe('broken code is noticed where', { concurrency: 2 }, () => {
  BREAKAGES.forEach(({ name, noticed }, number) => {
    it(name, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, String(number), MOST]);
      const failure = JSON.parse(stdout) as { check: string } | null;
      assert.ok(failure !== null, `${MOST} histories hold over broken code`);
      assert.ok(noticed.includes(failure.check), failure.check);
    });
  });
});
