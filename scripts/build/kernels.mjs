// AssemblyScript kernels → one WebAssembly module beside the module that loads it, in the sources and in what is built.
// It is a file of bytes: as text in a module it would be in the memory of every thread, and twice so.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeKernelNames } from './kernel-names.mjs';

const ENTRY = 'runtime/kernels/index.ts';
const FILE = 'engine/clocked/kernels.generated.wasm';
const OUTPUT = `runtime/src/${FILE}`;
const COPY = `runtime/dist/${FILE}`;

// The engine owns the only memory and lays it out itself: the module imports it and brings no allocator. No relaxed
// SIMD, whose results differ between machines.
const OPTIONS = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--runtime', 'stub', '--enable', 'simd'],
  ...['--importMemory', '--initialMemory', '1', '--noAssert', '--use', 'abort='],
];

/** Compiles the kernels under `root`, unless the module that is there was made of exactly these inputs. */
export async function compileKernels(root) {
  if (!existsSync(join(root, ENTRY))) return;
  await writeKernelNames(root);
  const output = join(root, OUTPUT);
  const note = customSection('inputs', digestOfInputs(root));
  let module = existsSync(output) ? readFileSync(output) : Buffer.alloc(0);
  if (!module.subarray(-note.length).equals(note)) {
    module = Buffer.concat([await compile(root), note]);
    replace(output, module);
  }
  const copy = join(root, COPY);
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

function digestOfInputs(root) {
  const hash = createHash('sha256');
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  hash.update(JSON.stringify([version, OPTIONS]));
  const folder = join(root, dirname(ENTRY));
  for (const name of readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .sort()) {
    hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

async function compile(root) {
  // Loaded only when there is something to compile: the compiler alone takes longer to load than the rest of a build.
  const { default: compiler } = await import('assemblyscript/asc');
  let binary;
  const writeFile = (name, contents) => {
    if (name === 'kernels.wasm') binary = contents;
  };
  const { error, stderr } = await compiler.main([ENTRY, '--baseDir', root, '--outFile', 'kernels.wasm', ...OPTIONS], {
    writeFile,
  });
  if (error || binary === undefined) {
    const diagnosis = stderr.toString().trim() || (error?.message ?? 'the compiler gave no module');
    throw new Error(`the kernels do not compile\n${diagnosis}`);
  }
  return binary;
}
