/** The part of the WebAssembly JavaScript API that is used here; neither lib.es nor the Node typings carry it. */
export {};

declare global {
  namespace WebAssembly {
    class Module {
      constructor(bytes: Uint8Array);
    }
    class Instance {
      constructor(module: Module, imports?: object);
      readonly exports: Record<string, unknown>;
    }
    class RuntimeError extends Error {}
  }
}
