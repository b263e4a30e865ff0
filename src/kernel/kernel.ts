/**
 * The kernel's host: one WebAssembly instance, its memory, and the calls it exports. One instance a thread, reused; its
 * arena is reset between shards. A trap leaves an instance in an unknown state: it is thrown away, never reused.
 */

import { readFileSync } from 'node:fs';
import { TidemarkError } from '../base/errors.js';
import { KERNEL_ABI, type KernelExports } from './abi.js';

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../kernel.wasm', import.meta.url)));
  return compiled;
}

export class Kernel {
  readonly call: KernelExports;

  private constructor(exports: KernelExports) {
    this.call = exports;
  }

  /** A fresh instance; fails when the built kernel speaks another ABI than this host. */
  static create(): Kernel {
    const exports = new WebAssembly.Instance(kernelModule()).exports as unknown as KernelExports;
    if (exports.ABI_VERSION.value !== KERNEL_ABI) {
      throw new TidemarkError(
        'internal',
        `the kernel speaks ABI ${exports.ABI_VERSION.value}, the host ${KERNEL_ABI}`,
        {
          fix: 'run npm run build so that both come from the same source',
        },
      );
    }
    return new Kernel(exports);
  }

  /** Bytes of WebAssembly memory held; it never shrinks. */
  get memoryBytes(): number {
    return this.call.memory.buffer.byteLength;
  }

  /** Copies bytes into the arena; returns their address. */
  copyIn(bytes: Uint8Array): number {
    const at = this.call.alloc(bytes.byteLength) >>> 0;
    new Uint8Array(this.call.memory.buffer, at, bytes.byteLength).set(bytes);
    return at;
  }

  /** The same for any typed array. */
  copyInArray(array: Int32Array | Uint32Array | BigInt64Array): number {
    return this.copyIn(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }

  /** A view of kernel memory: valid until the next call that may grow it. */
  view(at: number, length: number): Uint8Array {
    return new Uint8Array(this.call.memory.buffer, at >>> 0, length);
  }

  /** Copies bytes out into a buffer of their own, which may be moved to another thread. */
  copyOut(at: number, length: number): Uint8Array {
    return this.view(at, length).slice();
  }

  /** The open output, as an address and a length. */
  get out(): { readonly at: number; readonly length: number } {
    const at = this.call.outStart.value >>> 0;
    return { at, length: (this.call.outPos.value >>> 0) - at };
  }
}

/** Whether an error is a trap of the kernel: its instance must not be used again. */
export function isKernelTrap(error: unknown): error is Error {
  return error instanceof WebAssembly.RuntimeError;
}

let shared: Kernel | undefined;

/** This thread's kernel, created on first use. */
export function threadKernel(): Kernel {
  shared ??= Kernel.create();
  return shared;
}

/** Drops this thread's kernel, after a trap or to give its memory back. */
export function discardKernel(): void {
  shared = undefined;
}
