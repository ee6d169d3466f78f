import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withRepetitions } from '../../engine/src/clocked/kernels/repetitions.ts';
import { compileKernels } from '../../scripts/build/kernels.mjs';
import { mergeModules } from '../../scripts/build/modules.mjs';
import { writePalette } from '../../scripts/build/palette.mjs';
import { removeStaleDeclarations } from '../../scripts/build/typescript.mjs';

const INSTRUCTIONS = 'engine/src/clocked/kernels/instructions.ts';
const NO_INSTRUCTIONS = `export const [operandLists, instructionSet, populationFlags, adaptiveFlags, sparseFlags] = [{}, {}, {}, {}, {}];`;
const CONSTANTS = 'engine/src/clocked/kernels/kernel-constants.ts';
const GENERATED = 'engine/src/clocked/kernels/kernels.generated.ts';
/** Adds the sixteen bytes at `b` to those at `a`, in the memory that the engine hands in. */
const ADD = `export function add(a: usize, b: usize): void {
  v128.store(a, i8x16.add(v128.load(a), v128.load(b)));
}
`;

/** What this test uses of the global `WebAssembly`, whose types come only with those of a browser. */
interface WebAssemblyInterface {
  Module: { new (bytes: Uint8Array): object; imports(module: object): object[]; exports(module: object): object[] };
  Memory: new (limits: { initial: number }) => { buffer: ArrayBuffer };
  Instance: new (module: object, imports: object) => { exports: Record<string, (...addresses: number[]) => void> };
}
const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;

describe('the build', () => {
  let tree: string;
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'spikewire-build-'));
    write(INSTRUCTIONS, NO_INSTRUCTIONS);
    write(CONSTANTS, '');
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }

  /** Those of the engine, which are text in a module. */
  function kernels(): Uint8Array {
    const [, text] = /'(.*)'/.exec(readFileSync(join(tree, GENERATED), 'utf8'))!;
    return withRepetitions(text!);
  }

  it('carries the kernels as a module that asks for a memory and nothing else', async () => {
    write('engine/kernels/index.ts', ADD);
    await compileKernels(tree);
    const module = new wasm.Module(kernels());
    expect(wasm.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    const memory = new wasm.Memory({ initial: 1 });
    const { add } = new wasm.Instance(module, { env: { memory } }).exports;
    const bytes = new Uint8Array(memory.buffer);
    for (let i = 0; i < 16; i++) [bytes[i], bytes[16 + i]] = [i, 100];
    add!(0, 16);
    expect([...bytes.subarray(0, 16)]).toEqual(Array.from({ length: 16 }, (_, i) => i + 100));
  });

  it('gives kernels the names of their operands and flags, constants, and calls them by their instructions', async () => {
    const set = `
      export const operandLists = { sum: ['from', 'to'] } as const;
      export const instructionSet = {
        other: { takes: 'sum', kernel: 'sum/other' },
        add: { takes: 'sum', kernel: 'sum/addAll<i16>' },
      };
      export const [populationFlags, adaptiveFlags, sparseFlags] = [{}, {}, { wide: 2 }];`;
    write(INSTRUCTIONS, set);
    write('models/src/index.ts', 'export const EIGHT = 8;');
    write(
      CONSTANTS,
      `import { EIGHT } from '@spikewire/models';
      export const fixed = { spikes: 2 * EIGHT, synapticOperations: 24, offsets: 32, factors: 36 } as const;
      export const TINY = 2 ** -50;`,
    );
    write(
      'engine/kernels/memory.ts',
      readFileSync('engine/kernels/memory.ts', 'utf8')
        .replace(/\/\/ @ts-ignore: decorator\n@inline\nexport function copy[\s\S]*/, '')
        .replace('Copy, ', ''),
    );
    write(
      'engine/kernels/sum.ts',
      `import { address } from './memory';
      import { Fixed, SparseFlags, Sum, TINY } from './names.generated';
      export function addAll<T>(p: usize): void {
        store<i32>(address(p, Sum.to), load<i32>(address(p, Sum.from)) + SparseFlags.wide + sizeof<T>());
      }
      export function other(p: usize): void {
        store<f32>(address(p, Sum.to), <f32>Fixed.spikes * TINY);
      }`,
    );
    write('engine/kernels/index.ts', `export { run } from './dispatch.generated';\n`);
    await compileKernels(tree);
    const memory = new wasm.Memory({ initial: 1 });
    const { run } = new wasm.Instance(new wasm.Module(kernels()), { env: { memory } }).exports;
    const words = new Int32Array(memory.buffer);
    words.set([1, 16, 128, 132], 16); // at byte 64: code, length, from, to
    words.set([0, 16, 128, 136], 20);
    words[32] = 40;
    run!(64, 96);
    expect(words[33]).toBe(40 + 2 + 2);
    expect(new Float32Array(memory.buffer)[34]).toBe(2 ** -46);
  });

  it('lays the kernels of the trainer beside the module that reads them, in sources and output', async () => {
    write('trainer/kernels/index.ts', ADD);
    await compileKernels(tree);
    const file = (folder: string) => readFileSync(join(tree, 'trainer', folder, 'events/kernels.generated.wasm'));
    expect(file('dist')).toEqual(file('src'));
    expect(wasm.Module.exports(new wasm.Module(file('src')))).toContainEqual({ name: 'add', kind: 'function' });
  });

  it('compiles them again only when one of them changed', async () => {
    write('engine/kernels/index.ts', `export * from './add';\n`);
    write('engine/kernels/add.ts', ADD);
    await compileKernels(tree);
    const inode = () => statSync(join(tree, GENERATED)).ino;
    const first = inode();
    await compileKernels(tree);
    expect(inode()).toBe(first);
    write('engine/kernels/add.ts', ADD.replace('i8x16.add(', 'i8x16.sub('));
    await compileKernels(tree);
    expect(inode()).not.toBe(first);
  });

  it('says where a kernel is wrong, and keeps the module it had', async () => {
    write('engine/kernels/index.ts', ADD);
    await compileKernels(tree);
    const before = readFileSync(join(tree, GENERATED));
    write('engine/kernels/index.ts', ADD.replace('usize, b', 'nonsense, b'));
    await expect(compileKernels(tree)).rejects.toThrow(
      /do not compile[\s\S]*nonsense[\s\S]*engine\/kernels\/index\.ts\(1,/,
    );
    expect(readFileSync(join(tree, GENERATED))).toEqual(before);
  });

  function writePackage(exports: Record<string, string>): void {
    write('tsconfig.json', JSON.stringify({ references: [{ path: 'models' }, { path: 'not-there-yet' }] }));
    write('models/tsconfig.json', '{}');
    const faces = Object.entries(exports).map(([face, file]) => [face, { default: file }]);
    write('models/package.json', JSON.stringify({ type: 'module', exports: Object.fromEntries(faces) }));
  }

  it('merges modules into one file per face and one of what faces share, in ASCII and nothing else', async () => {
    writePackage({ '.': './dist/index.js', './deep': './dist/deep/index.js' });
    write('models/src/index.ts', `export { shared } from './deep/shared.ts';\nexport const dash: string = '–';\n`);
    write('models/src/deep/index.ts', `export * from './shared.ts';\n`);
    write('models/src/deep/shared.ts', `export const shared: { n: number[] } = { n: [/* – */ 1] };\n`);
    write('models/dist/left-over.js', '');
    write('models/dist/dashboard/page/main.js', '');
    await mergeModules(tree);
    const files = readdirSync(join(tree, 'models/dist'), { recursive: true, encoding: 'utf8' });
    const code = files.filter((name) => name.endsWith('.js')).toSorted();
    expect(code).toEqual([expect.stringMatching(/^chunk-/), 'dashboard/page/main.js', 'deep/index.js', 'index.js']);
    const texts = code.map((name) => readFileSync(join(tree, 'models/dist', name), 'latin1'));
    expect(texts.filter((text) => [...text].some((character) => character > '\x7f'))).toEqual([]);
    const [one, other] = await Promise.all(['index.js', 'deep/index.js'].map(load));
    expect(one!.dash).toBe('–');
    expect(one!.shared).toBe(other!.shared);
  });

  it('lets merged modules find what lies beside their sources', async () => {
    const exports = { '.': './dist/index.js', './deep': './dist/deep/index.js', './more': './dist/deep/er/more.js' };
    writePackage(exports);
    const here = `export const here: string = new URL('./beside', import.meta.url).href;\n`;
    write('models/src/deep/alone.ts', here);
    write('models/src/deep/shared.ts', here);
    write('models/src/index.ts', `export * from './deep/shared.ts';\n`);
    write('models/src/deep/index.ts', `export * from './shared.ts';\n`);
    write('models/src/deep/er/more.ts', `export * from '../alone.ts';\n`);
    await mergeModules(tree);
    for (const file of Object.values(exports)) {
      const { here } = await load(file.slice('./dist/'.length));
      expect(here, file).toBe(pathToFileURL(join(tree, 'models/dist/deep/beside')).href);
    }
  });

  /** As plain Node sees it. */
  async function load(file: string): Promise<Record<string, unknown>> {
    return import(/* @vite-ignore */ pathToFileURL(join(tree, 'models/dist', file)).href);
  }

  it('removes what it wrote for a node of Node-RED that is gone, and nothing else', async () => {
    write('nodes/package.json', '{ "type": "module", "nodes": {}, "plugins": {} }');
    write('nodes/dist/index.js', 'export const [palette, plugins] = [[], []];');
    write('nodes/src/palette/help/de/spikewire-kept.html', 'help');
    write('nodes/src/palette/help/de/topics.html', 'of several');
    for (const file of ['spikewire-gone.js', 'spikewire-gone.html', 'locales/de/spikewire-gone.html'])
      write(`nodes/palette/${file}`, '');
    for (const name of ['kept', 'gone']) write(`nodes/palette/locales/de/spikewire-${name}.json`, '{}');
    await writePalette(tree);
    const left = readdirSync(join(tree, 'nodes/palette'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.includes('.')).toSorted()).toEqual([
      'locales/de/spikewire-gone.json',
      'locales/de/spikewire-kept.html',
      'locales/de/spikewire-kept.json',
    ]);
  });

  it('removes the declarations of deleted sources, and nothing else', () => {
    writePackage({});
    write('models/src/kept.ts', '');
    for (const name of ['kept', 'gone']) {
      for (const ending of ['js', 'd.ts']) write(`models/dist/deep/${name}.${ending}`, '');
      write(`models/dist/deep/${name}.d.ts.map`, JSON.stringify({ sources: [`../../src/${name}.ts`] }));
    }
    removeStaleDeclarations(tree);
    const left = readdirSync(join(tree, 'models/dist/deep'), { encoding: 'utf8' });
    expect(left.toSorted()).toEqual(['gone.js', 'kept.d.ts', 'kept.d.ts.map', 'kept.js']);
  });
});
