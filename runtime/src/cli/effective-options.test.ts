import { expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { command as run } from './commands/run.ts';
import { refuseIneffective } from './effective-options.ts';

const given = (words: string) => () => refuseIneffective(parseArguments(run, ['pump.spike', ...words.split(' ')]));

it.each([
  ['--in a --out b --update-every 60', '--update-every', '--update', '--update <url|folder>'],
  ['--in a --out b --dashboard-token a', '--dashboard-token', '--dashboard', '--dashboard <[host:]port>'],
  ['--in a --out b --interval 2', '--interval', '--sensor', '--sensor <driver:address>'],
  ['--in a --out b --save-every 2', '--save-every', '--store', '--store <folder>'],
  ['--in a --out b --require-store', '--require-store', '--store', '--store <folder>'],
  ['--sensor load:1 --qos 0', '--qos', '--in or --out or --mqtt', '--in <topic>'],
  ['--sensor load:1 --retain', '--retain', '--in or --out or --mqtt', '--in <topic>'],
  ['--sensor load:1 --out b --join 5', '--join', '--in', '--in <topic>'],
  ['--sensor load:1 --home-assistant ha', '--home-assistant', '--out', '--out <topic>'],
])('refuses %s', (words, option, needed, expected) => {
  expect(given(words)).toThrow(`spikewire run ${option}: has no effect without ${needed}; expected ${expected}`);
});

it.each([
  ['--in a --out b --nets 3', '--nets: has no effect without "+" in --in; expected a "+" in --in'],
  ['--in a --out b --no-lessons --lessons-per-day 4', '--lessons-per-day: has no effect with --no-lessons'],
])('refuses %s', (words, message) => {
  expect(given(words)).toThrow(`spikewire run ${message}`);
});

it.each([
  '--in a --out b',
  '--in a --out b --no-lessons',
  '--sensor load:1',
  '--sensor load:1 --out b --qos 0 --retain --home-assistant ha --interval 2',
  '--in +/a --out +/b --join 5 --only a,b --nets 3 --store c --save-every 2 --store-budget 9M --on-new-model reset',
  '--in a --out b --dashboard 8080 --dashboard-token a --store c --update site --update-every 60',
])('accepts %s', (words) => {
  expect(given(words)).not.toThrow();
});
