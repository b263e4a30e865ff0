import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byte4ToInt, intToByte4 } from '#src/segment/norms.js';
import { referenceNorm } from '../support/reference-postings.js';

test('every norm byte stands for the smallest length that gives it', () => {
  for (let norm = 0; norm < 256; norm++) {
    const length = byte4ToInt(norm);
    assert.equal(intToByte4(length), norm);
    if (norm > 0) assert.equal(intToByte4(length - 1), norm - 1);
  }
});

test('lengths are rounded as Lucene does it', () => {
  // SmallFloat.byte4ToInt of Lucene 10.
  const lucene = { 0: 0, 23: 23, 24: 24, 39: 39, 40: 40, 41: 42, 48: 56, 49: 60, 100: 3096, 255: 2013265944 };
  for (const [norm, length] of Object.entries(lucene)) assert.equal(byte4ToInt(Number(norm)), length);
  for (const length of [0, 7, 24, 39, 40, 41, 57, 300, 1_000_000, 2 ** 31 - 1]) {
    assert.equal(intToByte4(length), referenceNorm(length));
  }
});
