import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileKernels } from '../../scripts/build/kernels.mjs';
import { removeStaleOutput } from '../../scripts/build/typescript.mjs';

const GENERATED = 'runtime/src/engine/clocked/kernels.generated.ts';
/** Adds the sixteen bytes at `b` to those at `a`, in the memory that the engine hands in. */
const ADD = `export function add(a: usize, b: usize): void {
  v128.store(a, i8x16.add(v128.load(a), v128.load(b)));
}
`;

/** What this test uses of the global `WebAssembly`, whose types come only with those of a browser. */
interface WebAssemblyInterface {
  Module: { new (bytes: Uint8Array): object; imports(module: object): object[] };
  Memory: new (limits: { initial: number }) => { buffer: ArrayBuffer };
  Instance: new (module: object, imports: object) => { exports: Record<string, (...addresses: number[]) => void> };
}
const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;

describe('the build', () => {
  let tree: string;
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'spikewire-build-'));
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }

  it('carries the kernels as a module that asks for a memory and nothing else', async () => {
    write('runtime/kernels/index.ts', ADD);
    await compileKernels(tree);
    const base64 = /kernelModule: string =\s*'([^']+)'/.exec(readFileSync(join(tree, GENERATED), 'utf8'))?.[1];
    const module = new wasm.Module(Buffer.from(base64!, 'base64'));
    expect(wasm.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    const memory = new wasm.Memory({ initial: 1 });
    const { add } = new wasm.Instance(module, { env: { memory } }).exports;
    const bytes = new Uint8Array(memory.buffer);
    for (let i = 0; i < 16; i++) [bytes[i], bytes[16 + i]] = [i, 100];
    add!(0, 16);
    expect([...bytes.subarray(0, 16)]).toEqual(Array.from({ length: 16 }, (_, i) => i + 100));
  });

  it('compiles them again only when one of them changed', async () => {
    write('runtime/kernels/index.ts', `export * from './add';\n`);
    write('runtime/kernels/add.ts', ADD);
    await compileKernels(tree);
    const inode = () => statSync(join(tree, GENERATED)).ino;
    const first = inode();
    await compileKernels(tree);
    expect(inode()).toBe(first);
    write('runtime/kernels/add.ts', ADD.replace('i8x16.add(', 'i8x16.sub('));
    await compileKernels(tree);
    expect(inode()).not.toBe(first);
  });

  it('says where a kernel is wrong, and keeps the module it had', async () => {
    write('runtime/kernels/index.ts', ADD);
    await compileKernels(tree);
    const before = readFileSync(join(tree, GENERATED), 'utf8');
    write('runtime/kernels/index.ts', ADD.replace('usize, b', 'nonsense, b'));
    await expect(compileKernels(tree)).rejects.toThrow(
      /do not compile[\s\S]*nonsense[\s\S]*runtime\/kernels\/index\.ts\(1,/,
    );
    expect(readFileSync(join(tree, GENERATED), 'utf8')).toBe(before);
  });

  it('removes what is left of deleted sources, and nothing else', () => {
    write('tsconfig.json', JSON.stringify({ references: [{ path: 'models' }, { path: 'not-there-yet' }] }));
    write('models/tsconfig.json', '{}');
    write('models/src/kept.ts', '');
    for (const name of ['kept', 'gone']) {
      for (const ending of ['js', 'd.ts', 'd.ts.map']) write(`models/dist/deep/${name}.${ending}`, '');
      write(`models/dist/deep/${name}.js.map`, JSON.stringify({ sources: [`../../src/${name}.ts`] }));
    }
    write('models/dist/deep/copied.js', '');
    removeStaleOutput(tree);
    const left = (name: string) => existsSync(join(tree, 'models/dist/deep', name));
    expect(['gone.js', 'gone.js.map', 'gone.d.ts', 'gone.d.ts.map'].filter(left)).toEqual([]);
    expect(['kept.js', 'kept.js.map', 'kept.d.ts', 'kept.d.ts.map', 'copied.js'].filter((name) => !left(name))).toEqual(
      [],
    );
  });
});
