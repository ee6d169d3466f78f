// AssemblyScript kernels → one WebAssembly module beside the module that loads it, in the sources and in what is built.
// It is a file of bytes: as text in a module it would be in the memory of every thread, and twice so.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeKernelNames } from './kernel-names.mjs';

// Who loads a module owns its memory and lays it out: the module imports it and brings no allocator. No relaxed SIMD,
// whose results differ between machines.
const OPTIONS = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--runtime', 'stub', '--enable', 'simd'],
  ...['--importMemory', '--initialMemory', '1', '--noAssert', '--use', 'abort='],
];

/** Packages with kernels, the place of the module among their sources, and options of their own. */
const MODULES = [
  { name: 'engine', file: 'clocked/kernels.generated.wasm', options: OPTIONS },
  {
    name: 'trainer',
    file: 'events/kernels.generated.wasm',
    // Several threads work in one memory.
    options: [...OPTIONS, '--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
  },
];

/** Compiles the kernels under `root`, each module unless it was made of exactly these inputs. */
export async function compileKernels(root) {
  for (const { name, file, options } of MODULES) {
    const entry = `${name}/kernels/index.ts`;
    if (!existsSync(join(root, entry))) continue;
    if (name === 'engine') await writeKernelNames(root);
    await bringUpToDate(root, entry, { output: `${name}/src/${file}`, copy: `${name}/dist/${file}`, options });
  }
}

async function bringUpToDate(root, entry, { options, ...paths }) {
  const output = join(root, paths.output);
  const note = customSection('inputs', digestOfInputs(root, entry, options));
  let module = existsSync(output) ? readFileSync(output) : Buffer.alloc(0);
  if (!module.subarray(-note.length).equals(note)) {
    module = Buffer.concat([await compile(root, entry, options), note]);
    replace(output, module);
  }
  const copy = join(root, paths.copy);
  if (!existsSync(copy) || !readFileSync(copy).equals(module)) replace(copy, module);
}

/** A section that engines skip; all lengths stay below 128, which is where WebAssembly's numbers get a second byte. */
function customSection(name, text) {
  const contents = Buffer.concat([Buffer.of(name.length), Buffer.from(name + text)]);
  return Buffer.concat([Buffer.of(0, contents.length), contents]);
}

/** Renamed into place, because a test run in another terminal may be reading it. */
function replace(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, path);
}

function digestOfInputs(root, entry, options) {
  const hash = createHash('sha256');
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  hash.update(JSON.stringify([version, options]));
  const folder = join(root, dirname(entry));
  for (const name of readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .sort()) {
    hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

async function compile(root, entry, options) {
  // Loaded only when there is something to compile: the compiler alone takes longer to load than the rest of a build.
  const { default: compiler } = await import('assemblyscript/asc');
  let binary;
  const writeFile = (name, contents) => {
    if (name === 'kernels.wasm') binary = contents;
  };
  const { error, stderr } = await compiler.main([entry, '--baseDir', root, '--outFile', 'kernels.wasm', ...options], {
    writeFile,
  });
  if (error || binary === undefined) {
    const diagnosis = stderr.toString().trim() || (error?.message ?? 'the compiler gave no module');
    throw new Error(`the kernels do not compile\n${diagnosis}`);
  }
  return binary;
}
