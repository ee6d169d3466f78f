import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attachedSensors, sensorDrivers } from '../sensors/find.ts';
import { bringing, Installation, sensorText } from './installation.test-data.ts';
import type { ExtensionPlaces } from './packages.ts';

const bringingSensor = (scheme: string, more = '') => bringing('sensors', 'sensorDrivers', sensorText(scheme, more));

let made: Installation;
beforeEach(() => {
  made = new Installation();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  made.remove();
});

async function schemesIn(places: ExtensionPlaces = made.places): Promise<string[]> {
  const { entries, problems } = await sensorDrivers({ places });
  expect(problems).toEqual([]);
  return entries.map(({ scheme }) => scheme);
}

const isLoaded = (name: string, folder = made.project) => existsSync(join(folder, 'node_modules', name, 'loaded'));

describe('packages are found', () => {
  it.each(['dependencies', 'optionalDependencies', 'devDependencies'])('among the %s of a project', async (field) => {
    made.install(made.project, { one: bringingSensor('one'), '@two/two': bringingSensor('two'), other: {} }, field);
    expect(await schemesIn()).toEqual(['two', 'one']);
  });

  it('by the nearest package.json, upwards from the folder', async () => {
    made.install(made.project, { one: bringingSensor('one') });
    made.install(made.above, { far: bringingSensor('far') });
    const folder = join(made.project, 'data', 'today');
    mkdirSync(folder, { recursive: true });
    expect(await schemesIn({ ...made.places, folder })).toEqual(['one']);
  });

  it('where a workspace has put them, above the package that needs them', async () => {
    made.install(made.above, { one: bringingSensor('one') });
    made.write(made.above, { name: 'workspace' });
    made.write(made.project, { name: 'project', dependencies: { one: '*' } });
    expect(await schemesIn()).toEqual(['one']);
  });

  it('and none that is a dependency of a dependency, wherever it lies', async () => {
    made.install(made.project, { one: bringingSensor('one') });
    const nested = bringingSensor('nested');
    made.install(join(made.project, 'node_modules/one'), { nested });
    made.write(join(made.project, 'node_modules/one'), {
      ...{ name: 'one', type: 'module', spikewire: { sensors: './index.js' } },
      dependencies: { nested: '*', hoisted: '*' },
    });
    const { files, ...manifest } = bringingSensor('hoisted');
    made.write(join(made.project, 'node_modules/hoisted'), { name: 'hoisted', type: 'module', ...manifest }, files);
    expect(await schemesIn()).toEqual(['one']);
    expect(isLoaded('one')).toBe(true);
    expect([isLoaded('hoisted'), isLoaded('nested', join(made.project, 'node_modules/one'))]).toEqual([false, false]);
    expect((await sensorDrivers({ places: made.places })).problems).toEqual([]);
  });

  it('where they are named: by a package, or by a folder', async () => {
    const [one, two] = [bringingSensor('one'), bringingSensor('two')];
    made.install(made.project, { one, two });
    made.write(made.project, { name: 'project' });
    expect(await schemesIn()).toEqual([]);
    expect(await schemesIn({ ...made.places, named: ['one', './node_modules/two'] })).toEqual(['one', 'two']);
    vi.stubEnv('SPIKEWIRE_PACKAGES', ' two, ');
    expect(await schemesIn({ ...made.places, named: undefined })).toEqual(['two']);
  });

  it.each([
    ['none', 'is not installed; expected the name of a package that is; a folder begins with "./"'],
    ['data', 'is not installed; expected the name of a package that is; a folder begins with "./"'],
    ['./none', 'has no package.json; expected the folder of a package'],
    ['./data', 'has no package.json; expected the folder of a package'],
  ])('and one that is named as %s and is not there is told', async (name, line) => {
    mkdirSync(join(made.project, 'data'));
    const { problems } = await sensorDrivers({ places: { ...made.places, named: [name] } });
    expect(problems.map(({ message }) => message)).toEqual([`SPIKEWIRE_PACKAGES: ${name}: ${line}`]);
  });

  it('beside spikewire, from whatever folder it is called, and in what brings it', async () => {
    // A flow's folder has the palette, which brings spikewire and devices of its own.
    const [flows, elsewhere] = [join(made.root, 'flows'), join(made.root, 'elsewhere')];
    made.install(flows, { palette: {}, one: bringingSensor('one') });
    const palette = join(flows, 'node_modules/palette');
    made.install(palette, { spikewire: {}, '@spikewire/devices': bringingSensor('devices') });
    mkdirSync(elsewhere);
    const home = join(palette, 'node_modules/spikewire');
    expect(await schemesIn({ home, folder: elsewhere, named: [] })).toEqual(['devices', 'one']);
  });

  it('once, where spikewire and a project have one of the same name', async () => {
    made.install(made.home, { '@spikewire/devices': bringingSensor('one') });
    made.install(made.project, { '@spikewire/devices': bringingSensor('one') });
    const { entries, problems } = await sensorDrivers({ places: made.places });
    expect(entries).toHaveLength(1);
    expect(isLoaded('@spikewire/devices')).toBe(false);
    expect(problems.map(({ message }) => message.replaceAll(made.root, ''))).toEqual([
      '@spikewire/devices: is in /install/node_modules/@spikewire/devices, and the one in ' +
        '/above/project/node_modules/@spikewire/devices is not used; expected one package of a name',
    ]);
  });

  it('but not among the tools with which an installed package was made', async () => {
    made.install(made.project, { spikewire: {} });
    const home = join(made.project, 'node_modules/spikewire');
    made.write(home, { name: 'spikewire', devDependencies: { tool: '*' } });
    const { files, ...manifest } = bringingSensor('tool');
    made.write(join(made.project, 'node_modules/tool'), { name: 'tool', type: 'module', ...manifest }, files);
    expect(await schemesIn({ ...made.places, home })).toEqual([]);
  });
});

describe('modules are loaded', () => {
  it('ours first and others by name, until one brings what is wanted', async () => {
    made.install(made.project, { b: bringingSensor('b'), a: bringingSensor('a') });
    made.install(made.home, { '@spikewire/devices': bringingSensor('ours') });
    const find = async (wanted: string) => {
      await sensorDrivers({ places: made.places, isWanted: ({ scheme }) => scheme === wanted });
      return [isLoaded('@spikewire/devices', made.home), isLoaded('a'), isLoaded('b')];
    };
    expect(await find('ours')).toEqual([true, false, false]);
    expect(await find('a')).toEqual([true, true, false]);
    expect(await find('b')).toEqual([true, true, true]);
  });

  it('only of packages that bring something of the kind', async () => {
    made.install(made.project, { one: bringing('commands', 'commands', '[]') });
    expect(await schemesIn()).toEqual([]);
    expect(isLoaded('one')).toBe(false);
  });
});

describe('a name that two bring', () => {
  it('stays with ours, or with the first by its package, and one line names both', async () => {
    made.install(made.home, { '@spikewire/devices': bringingSensor('hwmon') });
    made.install(made.project, { c: bringingSensor('x'), a: bringingSensor('hwmon'), b: bringingSensor('x') });
    const { entries, packages, problems } = await sensorDrivers({ places: made.places });
    expect(entries.map((entry) => [entry.scheme, packages.get(entry)!.name])).toEqual([
      ['hwmon', '@spikewire/devices'],
      ['x', 'b'],
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      'a: brings the sensor driver "hwmon", which @spikewire/devices brings already; expected another name',
      'c: brings the sensor driver "x", which b brings already; expected another name',
    ]);
  });
});

describe('a package has the name under which it is installed', () => {
  const calling = (name: string, scheme: string) => ({ ...bringingSensor(scheme), name });
  it('and is refused where it calls itself by another one', async () => {
    made.install(made.home, { '@spikewire/devices': bringingSensor('hwmon') });
    made.install(made.project, {
      ...{ aaa: calling('@spikewire/a', 'hwmon'), bbb: calling('zzz', 'fake'), zzz: bringingSensor('real') },
      ccc: calling('@spikewire/devices', 'fake'),
    });
    const { entries, packages, problems } = await sensorDrivers({ places: made.places });
    expect(entries.map((entry) => [entry.scheme, packages.get(entry)!.name])).toEqual([
      ['hwmon', '@spikewire/devices'],
      ['real', 'zzz'],
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      'aaa: package.json: has the name "@spikewire/a"; expected the name "aaa"',
      'bbb: package.json: has the name "zzz"; expected the name "bbb"',
      'ccc: package.json: has the name "@spikewire/devices"; expected the name "ccc"',
    ]);
    expect(['aaa', 'bbb', 'ccc'].map((name) => isLoaded(name))).toEqual([false, false, false]);
  });

  it('also where a link leads to one of ours', async () => {
    made.install(made.home, { '@spikewire/devices': bringingSensor('hwmon') });
    made.write(made.project, { name: 'project', dependencies: { aaa: '*' } });
    mkdirSync(join(made.project, 'node_modules'));
    symlinkSync(join(made.home, 'node_modules/@spikewire/devices'), join(made.project, 'node_modules/aaa'));
    const { entries, packages } = await sensorDrivers({ places: made.places });
    expect(entries.map((entry) => packages.get(entry))).toMatchObject([{ name: '@spikewire/devices', isOwn: true }]);
  });

  it('and is one of ours only under one of our names, where spikewire is installed', async () => {
    made.install(made.home, { '@spikewire/devices': bringingSensor('ours'), '@spikewire/a': bringingSensor('a') });
    made.install(made.project, { '@spikewire/trainer': bringingSensor('b') });
    const { packages } = await sensorDrivers({ places: made.places });
    expect([...packages.values()].map(({ name, isOwn }) => [name, isOwn])).toEqual([
      ['@spikewire/devices', true],
      ['@spikewire/a', false],
      ['@spikewire/trainer', false],
    ]);
  });
});

describe('a package that is broken is one line, and the others work', () => {
  const module = (text: string) => ({ spikewire: { sensors: './index.js' }, files: { 'index.js': text } });
  it.each([
    ['has no such file', { spikewire: { sensors: './index.js' } }, './index.js: does not exist; expected a module'],
    ['throws', module("throw new Error('no line\\nmore')"), './index.js: cannot be loaded: no line; expected a module'],
    ['throws no error', module('throw 7'), './index.js: cannot be loaded: 7; expected a module that loads'],
    [
      'throws an object without a text',
      module('throw Object.create(null)'),
      'cannot be loaded: what it threw is not text; expected a module that loads',
    ],
    [
      'throws an error whose message is a number',
      module('throw Object.assign(new Error(), { message: 7 })'),
      'cannot be loaded: 7; expected a module that loads',
    ],
    [
      'has a getter that throws',
      module("export const sensorDrivers = [{ get scheme() { throw new Error('boom\\nmore'); } }]"),
      './index.js: cannot be loaded: boom; expected a module that loads',
    ],
    ['lacks a package', module("import 'none'"), './index.js: cannot be loaded: '],
    ['is not a module', module('}'), './index.js: cannot be loaded: '],
    ['exports nothing', module(''), './index.js: sensorDrivers is missing; expected an array'],
    ['exports no list', module('export const sensorDrivers = {}'), 'sensorDrivers is '],
    ['exports null', module('export const sensorDrivers = [null]'), 'sensorDrivers[0] is null; expected a sensor'],
    [
      'has no scheme',
      module(`export const sensorDrivers = [{}]`),
      'sensorDrivers[0].scheme is missing; expected a word',
    ],
    [
      'has a scheme with a colon',
      module(`export const sensorDrivers = ${sensorText('a:b')}`),
      'sensorDrivers[0].scheme is "a:b"; expected a word',
    ],
    [
      'has no function',
      module(`export const sensorDrivers = ${sensorText('x', 'open: 1')}`),
      'sensorDrivers[0].open is 1; expected a function',
    ],
    ['points out of itself', { spikewire: { sensors: './../good/index.js' } }, 'lies outside of the package'],
    [
      'names no path',
      { spikewire: { sensors: 'index.js' } },
      'package.json: has "sensors": "index.js"; expected the path',
    ],
    ['has a wrong word', { spikewire: { sensor: './index.js' } }, 'package.json: has unknown "sensor" in "spikewire"'],
    [
      'has no table',
      { spikewire: true },
      'package.json: has "spikewire": true; expected an object with any of drivers',
    ],
    [
      'is for another interface',
      { spikewire: { interface: 2, sensors: './index.js' } },
      'package.json: is for interface 2 of spikewire; expected interface 1',
    ],
  ])('%s', async (_what, brings, line) => {
    made.install(made.project, { bad: brings, good: bringingSensor('good') });
    const { entries, problems } = await sensorDrivers({ places: made.places });
    expect(entries.map(({ scheme }) => scheme)).toEqual(['good']);
    expect(problems.map(({ code }) => code)).toEqual(['unsupported']);
    expect(problems[0]!.message).toMatch(/^bad: [^\n]+$/);
    expect(problems[0]!.message).toContain(line);
  });

  it('also where it never ends to load', async () => {
    made.install(made.project, { bad: module('await new Promise(() => {})'), good: bringingSensor('good') });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const looking = sensorDrivers({ places: made.places });
    await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 20_000 });
    await vi.advanceTimersByTimeAsync(30_000);
    const { entries, problems } = await looking;
    expect(entries.map(({ scheme }) => scheme)).toEqual(['good']);
    expect(problems.map(({ message }) => message)).toEqual([
      'bad: ./index.js: cannot be loaded: takes more than 30 s; expected a module that loads',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['fails at once', "list() { throw new TypeError('no bus'); }", 'list failed (no bus)'],
    [
      'throws an object without a text',
      'list() { throw Object.create(null); }',
      'list failed (what it threw is not text)',
    ],
  ])('also where a driver %s while it looks', async (_what, more, line) => {
    made.install(made.project, { bad: bringingSensor('bad', more), good: bringingSensor('good') });
    const { found, problems } = await attachedSensors(made.places);
    expect(found.map(({ address }) => address)).toEqual(['good:a']);
    expect(problems.map(({ message }) => message)).toEqual([`bad: sensor driver "bad": ${line}`]);
  });

  it('also where its package.json is none', async () => {
    made.install(made.project, { bad: {}, good: bringingSensor('good') });
    made.write(join(made.project, 'node_modules/bad'), '[');
    const { entries, problems } = await sensorDrivers({ places: made.places });
    expect(entries).toHaveLength(1);
    expect(problems.map(({ message }) => message)).toEqual([
      'bad: package.json: is not a JSON object; expected the package.json of a package',
    ]);
  });

  it('but not where it begins with a byte order mark', async () => {
    made.install(made.project, { one: bringingSensor('one') });
    for (const folder of [made.project, join(made.project, 'node_modules/one')]) {
      const path = join(folder, 'package.json');
      writeFileSync(path, `\ufeff${readFileSync(path, 'utf8')}`);
    }
    expect(await schemesIn()).toEqual(['one']);
  });

  it('also where it names too many packages, of which no more are looked for than a thousand', async () => {
    const { files, ...manifest } = bringingSensor('last');
    made.install(made.project, { first: bringingSensor('first') });
    made.write(join(made.project, 'node_modules/last'), { name: 'last', type: 'module', ...manifest }, files);
    const names = ['first', ...Array.from({ length: 999 }, (_, k) => `none-${k}`), 'last'];
    const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
    made.write(made.project, { name: 'project', dependencies });
    const { entries, problems } = await sensorDrivers({ places: made.places });
    expect(entries.map(({ scheme }) => scheme)).toEqual(['first']);
    expect(problems.map(({ message }) => message.replaceAll(made.root, ''))).toEqual([
      '/above/project: package.json: names 1001 packages, of which only the first 1000 are loaded; expected at most 1000',
    ]);
  });

  it('also where a link leads out of it', async () => {
    const { files, ...manifest } = bringingSensor('x');
    made.install(made.project, { bad: manifest });
    writeFileSync(join(made.root, 'outside.js'), files!['index.js']!);
    symlinkSync(join(made.root, 'outside.js'), join(made.project, 'node_modules/bad/index.js'));
    const { problems } = await sensorDrivers({ places: made.places });
    expect(problems[0]!.message).toBe('bad: ./index.js: lies outside of the package; expected a module of the package');
    expect(existsSync(join(made.root, 'loaded'))).toBe(false);
  });

  it('also where a driver fails while it looks', async () => {
    const failing = bringingSensor('bad', "list: async () => { throw new TypeError('no bus') }");
    made.install(made.project, { bad: failing, good: bringingSensor('good') });
    const { found, problems } = await attachedSensors(made.places);
    expect(found.map(({ address }) => address)).toEqual(['good:a']);
    expect(problems.map(({ message }) => message)).toEqual(['bad: sensor driver "bad": list failed (no bus)']);
  });
});

describe('a driver may be', () => {
  const described = "{ address: 'own:a', name: 'a', channels: [{ name: 'x', unit: '' }] }";
  const driver = (members: string) =>
    bringing('sensors', 'sensorDrivers', `[new (class { #word = 'own'; summary = 'made up'; ${members} })()]`);
  it.each([
    ['frozen', bringing('sensors', 'sensorDrivers', `${sensorText('own')}.map(Object.freeze)`)],
    [
      'of a class with private parts',
      driver(`get scheme() { return this.#word; } async open() {}
        async list() { return [{ ...${described}, name: this.#word }]; }`),
    ],
    [
      'with getters of functions',
      driver(`scheme = 'own'; async open() {} get list() { return async () => [${described}]; }`),
    ],
  ])('%s', async (_what, brings) => {
    made.install(made.project, { one: brings });
    expect(await schemesIn()).toEqual(['own']);
    const { found, problems } = await attachedSensors(made.places);
    expect(problems).toEqual([]);
    expect(found.map(({ address }) => address)).toEqual(['own:a']);
  });

  it('such that it answers differently when asked again, which changes nothing', async () => {
    const driver = `[{ asked: 0, get scheme() { return this.asked++ === 0 ? 'own' : undefined; },
      summary: 'made up', list: async () => [], open: async () => {} }]`;
    made.install(made.project, { one: bringing('sensors', 'sensorDrivers', driver) });
    expect(await schemesIn()).toEqual(['own']);
  });
});

describe.skipIf(process.getuid === undefined)('a package of another user', () => {
  it('is not loaded, nor is one that their package.json names', async () => {
    made.install(made.project, { one: bringingSensor('one') });
    const owners = { users: new Set([process.getuid!() + 1]) };
    const { entries, problems } = await sensorDrivers({ places: { ...made.places, named: ['one'], owners } });
    expect(entries).toEqual([]);
    expect(problems.map(({ message }) => message.replaceAll(made.above, ''))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\/project: \/project belongs to user \d+; expected one of \d+: this user, root, or/),
        expect.stringMatching(/^one: \/project\/node_modules\/one belongs to user \d+/),
      ]),
    );
    expect(isLoaded('one')).toBe(false);
  });

  it('is one that is linked, too', async () => {
    made.install(made.project, { one: bringingSensor('one') });
    renameSync(join(made.project, 'node_modules/one'), join(made.root, 'one'));
    symlinkSync(join(made.root, 'one'), join(made.project, 'node_modules/one'));
    expect(await schemesIn()).toEqual(['one']);
    expect(existsSync(join(made.root, 'one', 'loaded'))).toBe(true);
  });

  /** In a user namespace, all users show as this one that have no number there. */
  const NOBODY = 65_534;
  it.skipIf(process.getuid?.() !== 0)(
    'may not be told apart from the owner of spikewire, and is not trusted',
    async () => {
      made.install(made.project, { spikewire: {}, beside: bringingSensor('beside') });
      const home = join(made.project, 'node_modules/spikewire');
      made.install(home, { '@spikewire/devices': bringingSensor('ours') });
      const stranger = join(made.root, 'stranger');
      made.install(stranger, { planted: bringingSensor('planted') });
      giveAll(made.root, NOBODY);
      const places = { home, folder: stranger, named: ['planted'] };
      const { entries, problems } = await sensorDrivers({ places });
      // Who can write into the folder that holds spikewire decides already what runs.
      expect(entries.map(({ scheme }) => scheme)).toEqual(['ours', 'beside']);
      expect(problems.map(({ message }) => message.replaceAll(made.root, ''))).toEqual([
        expect.stringMatching(/^\/stranger: \/stranger belongs to user 65534; expected one of 0: this user, root/),
        expect.stringMatching(/^planted: \/stranger\/node_modules\/planted belongs to user 65534/),
      ]);
      chmodSync(join(made.project, 'node_modules'), 0o1777);
      const open = await sensorDrivers({ places });
      expect(open.entries).toEqual([]);
    },
  );

  function giveAll(path: string, user: number): void {
    lchownSync(path, user, user);
    if (!lstatSync(path).isDirectory()) return;
    for (const name of readdirSync(path)) giveAll(join(path, name), user);
  }
});
