/**
 * Builds what is made from the RTL: `node devices/rtl/build.mjs description` writes description.vh.
 */
import { writeFileSync } from 'node:fs';
import { verilogDescription } from './build/description.mjs';

const commands = {
  description: async () => writeFileSync(new URL('description.vh', import.meta.url), await verilogDescription()),
};

const [name = ''] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`build: unknown target "${name}"; expected ${Object.keys(commands).join(', ')}`);
  process.exit(2);
}
await command();
