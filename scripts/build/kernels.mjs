// AssemblyScript kernels → WebAssembly, in the form in which their package loads them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeKernelNames } from './kernel-names.mjs';
import { PACKING, withoutRepetitions } from './repetitions.mjs';

// Who loads a module owns its memory and lays it out: the module imports it and brings no allocator. No relaxed SIMD,
// whose results differ between machines.
const OPTIONS = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--runtime', 'stub', '--enable', 'simd'],
  ...['--importMemory', '--initialMemory', '1', '--noAssert', '--use', 'abort='],
];

/** Packages with kernels, what is made of them among their sources, and options of their own. */
const MODULES = [
  // Text in a module: a browser has no files.
  { name: 'engine', file: 'clocked/kernels/kernels.generated.ts', options: OPTIONS },
  {
    // Bytes beside the module that reads them, in the sources and in what is built.
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
    const source = join(root, name, 'src', file);
    await bringUpToDate(root, entry, source, options);
    if (file.endsWith('.wasm')) copy(source, join(root, name, 'dist', file));
  }
}

async function bringUpToDate(root, entry, output, options) {
  const digest = digestOfInputs(root, entry, options);
  if (existsSync(output) && readFileSync(output).includes(digest)) return;
  const module = await compile(root, entry, options);
  replace(output, output.endsWith('.ts') ? asText(module, digest) : asBytes(module, digest));
}

/**
 * As short as it can be with little effort, because it stays in the memory of every thread. A function, so that V8 makes
 * the text when it is called, and can forget it afterwards.
 */
function asText(module, digest) {
  const note = `// Written by the build from engine/kernels of digest ${digest}.`;
  const text = Buffer.from(withoutRepetitions(module)).toString('base64');
  return `${note}\nexport const packedKernels = (): string => '${text}';\n`;
}

/** With the digest in a section that engines skip; all lengths are below 128, from where numbers have two bytes. */
function asBytes(module, digest) {
  const name = 'inputs';
  const contents = Buffer.concat([Buffer.of(name.length), Buffer.from(name + digest)]);
  return Buffer.concat([module, Buffer.of(0, contents.length), contents]);
}

function copy(from, to) {
  const bytes = readFileSync(from);
  if (!existsSync(to) || !readFileSync(to).equals(bytes)) replace(to, bytes);
}

/** Renamed into place, because a test run in another terminal may be reading it. */
function replace(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

function digestOfInputs(root, entry, options) {
  const hash = createHash('sha256');
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  hash.update(JSON.stringify([version, options, PACKING]));
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
