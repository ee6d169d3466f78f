// What the kernels have in common with the engine that runs them, written for them from the engine's modules: the index
// of each operand by name, the bits of flags, the dispatch of instructions, and constants.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const SET = 'engine/src/clocked/kernels/instructions.ts';
const CONSTANTS = 'engine/src/clocked/kernels/kernel-constants.ts';
const MODELS = 'models/src/index.ts';
const NAMES = 'engine/kernels/names.generated.ts';
const DISPATCH = 'engine/kernels/dispatch.generated.ts';

const NOTE = `// Written by the build from ${SET} and kernel-constants.ts.\n`;

/** In what format the kernels take real constants. */
const REALS = { TINY: 'f32', HUGE: 'f32', ASLEEP: 'f32', SMALL_SCALE: 'f64' };

/** Brings the generated files of `root` up to date; what did not change is not written. */
export async function writeKernelNames(root) {
  const set = await load(root, SET);
  replaceText(join(root, NAMES), namesOf(set) + constantsOf(await load(root, CONSTANTS)));
  replaceText(join(root, DISPATCH), dispatchOf(set));
}

/** A module of the engine, before anything of it is built. */
async function load(root, source) {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, source)],
    alias: { '@spikewire/models': join(root, MODELS) },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'silent' },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

/** Groups of whole numbers become enums, real numbers constants of their format. */
function constantsOf(constants) {
  const lines = Object.entries(constants).map(([name, value]) =>
    name in REALS ? `export const ${name}: ${REALS[name]} = ${value};\n` : enumOf(capital(name), Object.entries(value)),
  );
  return `\n${lines.join('\n')}`;
}

function namesOf({ operandLists, populationFlags, adaptiveFlags, sparseFlags }) {
  const lists = Object.entries(operandLists).map(([family, names]) =>
    enumOf(
      `${capital(family)}`,
      names.map((name, index) => [name, index]),
    ),
  );
  const flags = Object.entries({ populationFlags, adaptiveFlags, sparseFlags }).map(([name, bits]) =>
    enumOf(capital(name), Object.entries(bits)),
  );
  return [NOTE, ...lists, ...flags].join('\n');
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);

const enumOf = (name, members) =>
  `export const enum ${name} {\n${members.map(([member, value]) => `  ${member} = ${value},\n`).join('')}}\n`;

function dispatchOf({ instructionSet }) {
  const imports = new Map();
  const cases = Object.values(instructionSet).map(({ kernel }, code) => {
    const [file, call] = kernel.split('/');
    const name = call.replace(/<.*/, '');
    imports.set(file, new Set([...(imports.get(file) ?? []), name]));
    // A condition that is not met passes over the instruction behind it.
    const action = name.startsWith('is') ? `if (!${call}(p)) p += lengthOf(p)` : `${call}(p)`;
    return `      case ${code}:\n        ${action};\n        break;\n`;
  });
  imports.set('memory', new Set([...(imports.get('memory') ?? []), 'codeOf', 'lengthOf']));
  const lines = [...imports]
    .sort()
    .map(([file, names]) => `import { ${[...names].sort().join(', ')} } from './${file}';\n`);
  return `${NOTE}${lines.join('')}
/** Runs the instructions from address \`from\` to address \`to\`: of a step, or of a part of one. */
export function run(from: usize, to: usize): void {
  for (let p = from; p < to; p += lengthOf(p)) {
    switch (codeOf(p)) {
${cases.join('')}    }
  }
}
`;
}

function replaceText(path, text) {
  let current = '';
  try {
    current = readFileSync(path, 'utf8');
  } catch {
    // not there yet
  }
  if (current !== text) writeFileSync(path, text);
}
