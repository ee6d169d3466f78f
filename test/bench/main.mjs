// `npm run bench -- <suite> [--json] [--quick] [--seeds=1,2]`: a suite is a file of this folder that exports `title`,
// `run(options)` and `table(result)`.
import { readdirSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.mjs') && !['main.mjs', 'contestant.mjs'].includes(file))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort();

/** Exit 0 done, 1 failed, 2 wrong usage. */
async function main(words) {
  const json = words.includes('--json');
  const quick = words.includes('--quick');
  const seeds = words
    .find((word) => /^--seeds=\d+(,\d+)*$/.test(word))
    ?.slice('--seeds='.length)
    .split(',')
    .map(Number);
  const [name, ...rest] = words.filter(
    (word) => word !== '--json' && word !== '--quick' && !(seeds && word.startsWith('--seeds=')),
  );
  if (name === undefined || rest.length > 0 || !names.includes(name)) {
    process.stderr.write(`bench: expected one suite, with --json or --quick\n${await listOfSuites()}`);
    return 2;
  }
  const suite = await load(name);
  const result = await suite.run({ quick, ...(seeds && { seeds }) });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', platform: `${platform()} ${arch()}`, node: process.version };
  if (json) process.stdout.write(`${JSON.stringify({ suite: name, machine, ...result }, undefined, 2)}\n`);
  else
    process.stdout.write(
      `${suite.title}\n${machine.cpu}, ${machine.platform}, Node ${machine.node}\n${await suite.table(result)}`,
    );
  return 0;
}

async function listOfSuites() {
  const width = Math.max(...names.map(({ length }) => length));
  const lines = [];
  for (const name of names) lines.push(`  ${name.padEnd(width)}  ${(await load(name)).title}\n`);
  return lines.join('');
}

function load(name) {
  return import(new URL(`${name}.mjs`, import.meta.url).href);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
