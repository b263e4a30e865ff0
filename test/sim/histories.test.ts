/** Short histories of the real daemon under every fault, each checked by the model after every commit: the first thousand. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { playSeeds } from './test-histories.js';

it('a thousand histories hold, and every fault fires in them', async () => {
  const { histories, failures, tooRare } = await playSeeds(1, 1_000);
  assert.deepEqual(failures, []);
  assert.equal(histories, 1_000);
  assert.deepEqual(tooRare, []);
});
