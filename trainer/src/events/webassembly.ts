/** Opaque: compiled kernels. */
export type CompiledKernels = object;

/** Memory that several threads share. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** What the trainer uses of WebAssembly; Node has it, its type declarations leave it to those of browsers. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => CompiledKernels;
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Instance: new (
    module: CompiledKernels,
    imports: { env: { memory: SharedMemory } },
  ) => { readonly exports: object };
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;
