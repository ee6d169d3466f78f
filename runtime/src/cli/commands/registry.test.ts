import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Brings, bringing, Installation } from '../../extensions/installation.test-data.ts';
import type { ExtensionPlaces } from '../../extensions/packages.ts';
import { allCommands, findCommand } from './registry.ts';

const commandsText = (...names: string[]) =>
  `[${names.map((name) => `{ name: '${name}', summary: '${name} it', options: {}, run: async () => { none(); } }`)}]`;
const bringingCommands = (...names: string[]) => bringing('commands', 'commands', commandsText(...names));
const lacking: Brings = { spikewire: { commands: './c.js' }, files: { 'c.js': "import 'onnxruntime-node';" } };

const made: Installation[] = [];
let [absent, withTrainer, withTrainerAlone, broken, withOthers]: ExtensionPlaces[] = [];
beforeAll(() => {
  const place = (ours: Record<string, Brings>, theirs: Record<string, Brings> = {}) => {
    const installation = new Installation();
    made.push(installation);
    installation.install(installation.home, ours);
    installation.install(installation.project, theirs);
    return installation.places;
  };
  absent = place({});
  // An installed trainer, no devices.
  withTrainer = place({ '@spikewire/trainer': bringingCommands('train') });
  // An installed trainer beside packages that lack what they need.
  withTrainerAlone = place({
    '@spikewire/trainer': bringingCommands('train'),
    '@spikewire/demo': lacking,
    '@spikewire/devices': lacking,
  });
  broken = place({ '@spikewire/trainer': lacking, '@spikewire/demo': lacking }, { other: lacking });
  withOthers = place(
    { '@spikewire/trainer': bringingCommands('train') },
    { b: bringingCommands('stir', 'run', 'train'), a: bringingCommands('pour') },
  );
});
afterAll(() => {
  for (const each of made) each.remove();
});

const namesIn = async (places?: ExtensionPlaces) => (await allCommands(places)).own.map(({ name }) => name);

describe('the commands', () => {
  it('of the runtime are there without any other package', async () => {
    const names = await namesIn(absent);
    expect(names).toEqual([
      'new',
      'run',
      'teach',
      'record',
      'simulate',
      'eval',
      'inspect',
      'import',
      'export',
      'doctor',
      'backup',
      'restore',
      'agent',
      'service',
      'completion',
    ]);
    for (const name of names) expect((await findCommand(name, absent)).name).toBe(name);
  });

  it('of an installed package stand beside them', async () => {
    const train = await findCommand('train', withTrainer);
    expect(train.summary).toBe('train it');
    expect((await allCommands(withTrainer)).own).toContain(train);
  });

  it.each([
    [
      'demo',
      /^spikewire demo: is not installed on this device; expected npm run demo in the source code of spikewire$/,
    ],
    [
      'train',
      /^spikewire train: is not installed on this device; expected the file that npm run pack:trainer makes in the source code of spikewire$/,
    ],
    [
      'devices',
      /^spikewire devices: is not installed on this device; expected the file that npm run pack:device makes in the source code of spikewire$/,
    ],
    [
      'fly',
      /^spikewire fly: is not a command; expected one of new, run, teach, record, simulate, eval, inspect, import, export, doctor, backup, restore, agent, service, completion$/,
    ],
    ['constructor', /is not a command/],
  ])('%s that is missing says what to do', async (name, message) => {
    await expect(findCommand(name, absent)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it('of a broken package say what it lacks, and leave the others alone', async () => {
    await expect(findCommand('train', broken)).rejects.toThrow(
      /^@spikewire\/trainer: \.\/c\.js: cannot be loaded: Cannot find package 'onnxruntime-node'.*; expected the file that npm run pack:trainer makes in the source code of spikewire$/,
    );
    expect((await findCommand('inspect', broken)).name).toBe('inspect');
    expect((await findCommand('train', withTrainerAlone)).name).toBe('train');
    expect(await namesIn(broken)).toContain('inspect');
    expect((await allCommands(broken)).problems.map(({ where }) => where).toSorted()).toEqual([
      '@spikewire/demo: ./c.js',
      '@spikewire/trainer: ./c.js',
      'other: ./c.js',
    ]);
    await expect(findCommand('stir', broken)).rejects.toThrow(/^spikewire stir: is not a command.*other: \.\/c\.js: /);
  });

  it('of packages from outside stand under their names, and take no name from ours', async () => {
    const { own, foreign, problems } = await allCommands(withOthers);
    expect(own.map(({ name }) => name)).toEqual([...(await namesIn(absent)), 'train']);
    expect([...foreign].map(([name, commands]) => [name, commands.map((each) => each.name)])).toEqual([
      ['a', ['pour']],
      ['b', ['stir']],
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      'b: brings the command "run", which spikewire brings already; expected another name',
      'b: brings the command "train", which @spikewire/trainer brings already; expected another name',
    ]);
    expect((await findCommand('stir', withOthers)).name).toBe('stir');
  });

  it('of the runtime load no package', async () => {
    const place = new Installation();
    place.install(place.project, { a: bringingCommands('run') });
    await findCommand('run', place.places);
    expect(existsSync(join(place.project, 'node_modules/a/loaded'))).toBe(false);
    place.remove();
  });

  it('of a package that throws errors without a text are told as missing', async () => {
    const place = new Installation();
    const files = { 'c.js': 'throw Object.create(null);' };
    place.install(place.project, { a: { spikewire: { commands: './c.js' }, files } });
    await expect(findCommand('train', place.places)).rejects.toThrow(
      /^spikewire train: is not installed on this device; expected/,
    );
    place.remove();
  });

  it.each([
    ['options: { a: null }', 'options is an object; expected an object of words, each with type'],
    [`options: { "a'b": { type: 'boolean', doc: 'x' } }`, 'options is an object; expected an object of words'],
    [`options: { a: { type: 'string', doc: 'x', words: 'ab' } }`, 'options is an object; expected an object of words'],
    [`options: { a: { type: 'string', doc: 'x', words: ["'"] } }`, 'options is an object; expected an object of words'],
    [`options: { a: { type: 'string', doc: 'x', group: 5 } }`, 'options is an object; expected an object of words'],
    [
      "options: {}, positionals: [{ name: 'a' }]",
      'positionals is a list; expected an array of objects with name and doc',
    ],
    [
      `options: {}, positionals: [{ name: 'a', doc: 'b', words: ["'"] }]`,
      'positionals is a list; expected an array of',
    ],
  ])('that declare %s are refused', async (declared, line) => {
    const place = new Installation();
    const text = `[{ name: 'odd', summary: 'odd', ${declared}, run() {} }]`;
    place.install(place.project, { a: bringing('commands', 'commands', text) });
    const { foreign, problems } = await allCommands(place.places);
    place.remove();
    expect(foreign.size).toBe(0);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining(`a: ./index.js: commands[0].${line}`),
    ]);
  });

  it('that fail by mistake name their package', async () => {
    const stir = await findCommand('stir', withOthers);
    await expect(stir.run({} as never, {} as never)).rejects.toThrow(
      /^b: command "stir": run failed \(none is not defined\)$/,
    );
  });
});
