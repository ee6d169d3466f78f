// What the kernels must know of the instruction set, written for them from
// `runtime/src/engine/clocked/instructions.ts`: the index of each operand by name, the bits of flags, and the dispatch
// of instructions.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

const SOURCE = 'runtime/src/engine/clocked/instructions.ts';
const NAMES = 'runtime/kernels/names.generated.ts';
const DISPATCH = 'runtime/kernels/dispatch.generated.ts';

const NOTE = `// Written by the build from ${SOURCE}.\n`;

/** Brings the generated files of `root` up to date; what did not change is not written. */
export async function writeKernelNames(root) {
  const { code } = transformSync(readFileSync(join(root, SOURCE), 'utf8'), { loader: 'ts', format: 'esm' });
  const set = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  replaceText(join(root, NAMES), namesOf(set));
  replaceText(join(root, DISPATCH), dispatchOf(set));
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
  const cases = Object.values(instructionSet).map(({ code, kernel }) => {
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
