// What of WebAssembly is used here. Node's types leave it to those of the DOM, which nobody has here.
declare namespace WebAssembly {
  class Module {
    private readonly compiled: unknown;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Readonly<Record<string, object>>): Promise<Instance>;
}
