// AssemblyScript kernels → one WebAssembly module, carried as text inside a TypeScript module, so that the package
// needs no file access and no loader to start, in Node, in a worker or in a bundle.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const ENTRY = 'runtime/kernels/index.ts';
const OUTPUT = 'runtime/src/engine/clocked/kernels.generated.ts';

// The engine owns the only memory and lays it out itself: the module imports it and brings no allocator. No relaxed
// SIMD, whose results differ between machines.
const OPTIONS = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--runtime', 'stub', '--enable', 'simd'],
  ...['--importMemory', '--initialMemory', '1', '--noAssert', '--use', 'abort='],
];

/** Compiles the kernels under `root`, unless the generated module already stands for exactly these inputs. */
export async function compileKernels(root) {
  if (!existsSync(join(root, ENTRY))) return;
  const inputs = `// inputs ${digestOfInputs(root)}`;
  const output = join(root, OUTPUT);
  if (existsSync(output) && readFileSync(output, 'utf8').startsWith(inputs)) return;
  const binary = await compile(root);
  const text = [
    inputs,
    '/** The SIMD128 kernels of `runtime/kernels` as a WebAssembly module in base64; written by the build. */',
    `export const kernelModule: string =\n  '${Buffer.from(binary).toString('base64')}';\n`,
  ].join('\n');
  mkdirSync(dirname(output), { recursive: true });
  // Renamed into place, because a test run in another terminal may be reading it.
  const unfinished = `${output}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, output);
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
