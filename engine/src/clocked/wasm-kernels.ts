/// <reference path="./webassembly.d.ts" />
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from '@spikewire/models/error';
import type { Kernels } from './kernels.ts';
import { type MemoryViews, viewMemory } from './memory.ts';

const PAGE = 65536;

/** A function of one SIMD instruction: valid where WebAssembly has 128-bit vectors. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** Whether this machine runs the WASM kernels. WebAssembly may be absent altogether (`--jitless`). */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE);
}

/** What the engine calls; a module of another build may lack some of it. */
const CALLED: readonly (keyof Kernels)[] = ['run', 'runUntil', 'openWindow'];

/** Compiled when the first net is loaded, once in each thread. */
let compiled: WebAssembly.Module | undefined;

/**
 * Reads and compiles the kernels. Throws `file` where they are missing or damaged: their twins in TypeScript would give
 * the same answers, so slowly that whoever installed half a package should rather hear of it.
 */
export function readKernels(file: URL): WebAssembly.Module {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw unfit(file, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
  const module = compile(file, bytes);
  const names = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const absent = CALLED.find((name) => !names.has(name));
  if (absent !== undefined) throw unfit(file, `has no "${absent}"`);
  return module;
}

function compile(file: URL, bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw unfit(file, `is damaged (${(cause as Error).message})`, cause);
  }
}

function unfit(file: URL, problem: string, cause?: unknown): SpikewireError {
  const expected = 'the file that belongs to this build; install the package again';
  return new SpikewireError('file', `kernels "${fileURLToPath(file)}"`, problem, expected, cause);
}

/** The WASM kernels over a memory of their own, of as many pages as `bytes` need. */
export function wasmKernels(bytes: number): { memory: MemoryViews; kernels: Kernels } {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  // Written by the build from `engine/kernels`.
  compiled ??= readKernels(new URL('./kernels.generated.wasm', import.meta.url));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { memory: viewMemory(memory.buffer), kernels: exports as unknown as Kernels };
}
