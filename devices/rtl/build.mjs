/**
 * Builds what is made from the RTL:
 *
 *   node devices/rtl/build.mjs description
 *   node devices/rtl/build.mjs <board> [folder, default devices/rtl/out] [--seeds 1,2,3,4,5]
 *
 * The first writes description.vh; the second makes the bit stream of a board with yosys and nextpnr, and prints what
 * it uses and how fast it may be clocked; ends with 1 where that is below the clock of the board.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { boards, buildBoard } from './build/boards.mjs';
import { verilogDescription } from './build/description.mjs';
import { verilogProgram } from './build/program.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1' } },
});
const [target = '', folder = fileURLToPath(new URL('out', import.meta.url))] = positionals;
if (target === 'description') {
  writeFileSync(new URL('description.vh', import.meta.url), await verilogDescription());
  writeFileSync(new URL('link_program.vh', import.meta.url), verilogProgram());
} else if (Object.hasOwn(boards, target)) {
  const report = buildBoard(target, folder, values.seeds.split(','));
  console.log(JSON.stringify(report, undefined, 2));
  // The bit stream is written for the first seed only.
  if (Object.values(report.frequencies)[0] < report.clock) process.exitCode = 1;
} else {
  console.error(`build: unknown target "${target}"; expected description, ${Object.keys(boards).join(', ')}`);
  process.exit(2);
}
