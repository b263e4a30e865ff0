/** The second thousand, in a file of its own so that both cores play. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { playSeeds } from './test-histories.js';

it('a thousand more histories hold, and every fault fires in them', async () => {
  const { histories, failures, tooRare } = await playSeeds(1_001, 1_000);
  assert.deepEqual(failures, []);
  assert.equal(histories, 1_000);
  assert.deepEqual(tooRare, []);
});
