/**
 * Builds what is made from the RTL:
 *
 *   node devices/rtl/build.mjs description
 *   node devices/rtl/build.mjs <board> [folder, default devices/rtl/out] [--line uart|spi] [--seeds 1,2,3,4,5]
 *
 * The first writes description.vh and link_program.vh; the second makes the bit stream of a board with yosys and
 * nextpnr, writes a report beside it, and prints that: what it uses and how fast it may be clocked. Ends with 1 where
 * that is below the clock of the board with each seed.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { boards, buildBoard, lines } from './build/boards.mjs';
import { verilogDescription } from './build/description.mjs';
import { verilogProgram } from './build/program.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1' }, line: { type: 'string', default: 'uart' } },
});
const [target = '', folder = fileURLToPath(new URL('out', import.meta.url))] = positionals;
if (target === 'description') {
  writeFileSync(new URL('description.vh', import.meta.url), await verilogDescription());
  writeFileSync(new URL('link_program.vh', import.meta.url), verilogProgram());
} else if (!Object.hasOwn(boards, target)) {
  refuse(`target "${target}"; expected description, ${Object.keys(boards).join(', ')}`);
} else if (!lines.includes(values.line)) {
  refuse(`line "${values.line}"; expected ${lines.join(', ')}`);
} else {
  const report = buildBoard(target, folder, { line: values.line, seeds: values.seeds.split(',') });
  console.log(JSON.stringify(report, undefined, 2));
  if (report.frequencies[report.seed] < report.clock) process.exitCode = 1;
}

function refuse(what) {
  console.error(`build: unknown ${what}`);
  process.exitCode = 2;
}
