import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const source = fileURLToPath(new URL('../../src/accelerators/fpga/core-description.ts', import.meta.url));

/** The numbers of `core-description.ts` as macros of Verilog: `CORE_<GROUP>_<NAME>`. */
export async function verilogDescription() {
  const { outputFiles } = buildSync({ entryPoints: [source], write: false, format: 'esm' });
  const described = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  const macros = Object.entries(described)
    .filter(([name]) => name !== 'rooms')
    .flatMap(([name, value]) =>
      typeof value === 'number'
        ? [[name, value]]
        : Object.entries(value).map(([key, number]) => [`${name}_${key}`, number]),
    );
  return [
    '// Written by `node devices/rtl/build.mjs description` from devices/src/accelerators/fpga/core-description.ts.',
    ...macros.map(([name, value]) => `\`define ${macroName(name)} ${value}`),
    '',
  ].join('\n');
}

function macroName(name) {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  return words.startsWith('CORE_') ? words : `CORE_${words}`;
}
