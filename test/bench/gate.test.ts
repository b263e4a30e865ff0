/** The counter of the performance gate: exact, harmless, and not fooled by branches. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { COUNTER_EXPORT, countInstructions } from '../../bench/gate/instrument.js';
import { ROOT } from '../support/repository.js';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

type Exports = Readonly<Record<string, ((...values: number[]) => number) & { readonly value: bigint }>>;

function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function instantiate(bytes: Uint8Array): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}

/** Instructions of one call, and what it gives. */
function run(exports: Exports, name: string, ...values: number[]): { result: number; count: number } {
  const before = exports[COUNTER_EXPORT]!.value;
  const result = exports[name]!(...values);
  return { result, count: Number(exports[COUNTER_EXPORT]!.value - before) };
}

const PROGRAM = `(module
  (func $sum (export "sum") (param $n i32) (result i32) (local $total i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $total (i32.add (local.get $total) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $total))
  (func $pick (export "pick") (param $which i32) (result i32)
    (if (result i32) (local.get $which)
      (then (i32.add (i32.const 1) (i32.const 2)))
      (else (i32.const 7))))
  (func $early (export "early") (param $leave i32) (result i32)
    (if (local.get $leave) (then (return (i32.const 1))))
    (i32.mul (i32.mul (i32.const 3) (i32.const 4)) (i32.mul (i32.const 5) (i32.const 6)))))`;

test('every turn of a loop counts, and the result stays', () => {
  const counted = instantiate(countInstructions(assemble(PROGRAM)));
  const [none, one, thousand] = [0, 1, 1_000].map((n) => run(counted, 'sum', n));
  assert.deepEqual([none!.result, one!.result, thousand!.result], [0, 1, 500_500]);
  const turn = one!.count - none!.count;
  assert.ok(turn >= 9 && turn <= 14, `${turn} instructions a turn`);
  assert.equal(thousand!.count - none!.count, 1_000 * turn);
});

test('only the branch taken counts', () => {
  const counted = instantiate(countInstructions(assemble(PROGRAM)));
  assert.deepEqual([run(counted, 'pick', 1).result, run(counted, 'pick', 0).result], [3, 7]);
  assert.equal(run(counted, 'pick', 1).count - run(counted, 'pick', 0).count, 2);
  assert.deepEqual([run(counted, 'early', 1).result, run(counted, 'early', 0).result], [1, 360]);
  assert.equal(run(counted, 'early', 0).count - run(counted, 'early', 1).count, 7 - 2);
});

test('a loop made longer shows by just its instructions', () => {
  const longer = PROGRAM.replace(
    '(br $next)',
    '(local.set $total (i32.xor (local.get $total) (i32.const 0))) (br $next)',
  );
  const [before, after] = [PROGRAM, longer].map((text) =>
    run(instantiate(countInstructions(assemble(text))), 'sum', 100),
  );
  assert.equal(after!.result, before!.result);
  assert.equal(after!.count - before!.count, 100 * 4);
});

test('the kernel can be counted', () => {
  const wasm = new Uint8Array(readFileSync(join(ROOT, 'dist/kernel.wasm')));
  const [plain, counted] = [instantiate(wasm), instantiate(countInstructions(wasm))];
  assert.deepEqual(Object.keys(counted).sort(), [...Object.keys(plain), COUNTER_EXPORT].sort());
  const [first, second] = [run(counted, 'alloc', 64), run(counted, 'alloc', 64)];
  assert.equal(first.result, plain.alloc!(64));
  assert.ok(first.count > 0);
  assert.equal(second.count, first.count);
});
