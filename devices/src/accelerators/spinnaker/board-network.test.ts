import { readFileSync } from 'node:fs';
import { graphOf, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { needs } from '../../../../test/services.ts';
import { readAddress, readNetworkFile } from './board-address.ts';
import { injectors, readDescription, senders } from './board-network.ts';
import { readDatabase } from './database.ts';
import { modelOfNetwork, standsForBoard } from './model-of-network.ts';
import { spinnakerNetwork } from './network-format.ts';
import { goldenFile } from './vectors.test-data.ts';

const database = goldenFile('database.sqlite3');
const { answers } = JSON.parse(readFileSync(goldenFile('database.json'), 'utf8')) as {
  answers: {
    key_to_atom_inject: Record<string, number>;
    key_to_atom_out_sample: Record<string, number>;
    n_out: number;
    live_output_out: (string | number)[];
    placements_inject: number[][];
    machine_time_step: number;
  };
};

const JSON_TEXT = JSON.stringify([
  { label: 'inject', x: 0, y: 0, core: 3, keys: { first: 458_752, count: 2 } },
  { label: 'out', tag: 1, keys: [65_536, 65_540] },
]);
const CSV_TEXT = `label,x,y,core,tag,atom,key
inject,0,0,3,,0,458752
inject,0,0,3,,1,458753
out,,,,1,0,65536
out,,,,1,1,65540
`;

afterEach(() => vi.unstubAllEnvs());

describe('the database of the tool chain', () => {
  it('says what the reader of the tool chain finds in it', async (context) => {
    needs(context, 'sqlite3');
    const network = await readDatabase(database);
    const [inject] = injectors(network);
    const [out] = senders(network);
    expect(network).toMatchObject({ timeStep: answers.machine_time_step * 1e-6, slowdown: 1 });
    expect(network.board).toBe(answers.live_output_out[3]);
    expect(Object.fromEntries(inject!.keys.map((key, atom) => [key, atom]))).toEqual(answers.key_to_atom_inject);
    expect(Object.values(inject!.core!)).toEqual(answers.placements_inject[0]);
    expect(out!.keys).toHaveLength(answers.n_out);
    for (const [key, atom] of Object.entries(answers.key_to_atom_out_sample)) expect(out!.keys[atom]).toBe(Number(key));
    expect(out!.tag).toBe(answers.live_output_out[4]);
  });

  it('needs the program sqlite3', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    await expect(readDatabase(database)).rejects.toThrow(
      'sqlite3: is not installed; expected sudo apt install sqlite3',
    );
  });

  it.each([goldenFile('vectors.json'), '/nonexistent/db'])('is not %s', async (path) => {
    await expect(readDatabase(path)).rejects.toMatchObject({ code: 'file' });
  });

  it('becomes a model that stands for the board', async (context) => {
    needs(context, 'sqlite3');
    const { model, notes } = await spinnakerNetwork.read!(readFileSync(database));
    expect(notes).toEqual([expect.stringMatching(/computes nothing/)]);
    expect(spinnakerNetwork.sniff(readFileSync(database))).toBe(true);
    expect(model.semantics.dt).toBe(1e-3);
    const graph = graphOf(model);
    const ends = graph.nodes.filter(({ kind }) => kind.role === 'input' || kind.role === 'output');
    expect(ends.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['inject', 4],
      ['out', 300],
    ]);
    expect(standsForBoard(graph)).toBe(true);
  });
});

describe('a description', () => {
  it('is the same in JSON and in CSV', () => {
    const network = readDescription(JSON_TEXT, 0.002);
    expect(readDescription(CSV_TEXT, 0.002)).toEqual(network);
    expect(network).toEqual({
      timeStep: 0.002,
      slowdown: 1,
      populations: [
        { label: 'inject', core: { x: 0, y: 0, cpu: 3 }, tag: undefined, keys: [458_752, 458_753] },
        { label: 'out', core: undefined, tag: 1, keys: [65_536, 65_540] },
      ],
    });
    expect(modelOfNetwork(network).sample.steps).toBe(50);
  });

  it.each([
    ['{}', /^network: begins with "\{\}"; expected "label,/],
    ['[1', /^network: is not JSON/],
    ['[{}]', /^population 0: has no label; expected a text$/],
    ['[{"label":"a"}]', /^population "a": has no keys/],
    ['[{"label":"a","keys":[1]}]', /^population "a": has no core and no tag/],
    ['[{"label":"a","tag":16,"keys":[1]}]', /^population "a": has tag 16; expected a whole number from 0 to 15$/],
    ['[{"label":"a","tag":1,"keys":[1,1]}]', /^population "a": has the key 1 of "a"/],
    ['[{"label":"a","tag":1,"keys":[-1]}]', /^population "a": has key -1/],
    ['[{"label":"","tag":1,"keys":[1]}]', /^population 0: has no label; expected a text$/],
    ['[{"label":"a","tag":1,"keys":["1"]}]', /^population "a": has key "1"; expected a whole number from 0 to/],
    ['[{"label":"a","tag":1,"keys":[]}]', /^population "a": has no neurons; expected a key for each$/],
    ['[{"label":"a","Tag":1,"keys":[1]}]', /^population "a": has "Tag"; expected label, x, y, core, tag, keys$/],
    ['[{"label":"a","core":0,"keys":[1]}]', /^population "a": has core 0, the monitor of its chip; expected 1 to 17$/],
    ['[{"label":"a","core":18,"keys":[1]}]', /^population "a": has core 18; expected a whole number from 0 to 17$/],
    ['[{"label":"a","tag":1,"keys":{"first":4294967295,"count":2}}]', /^population "a": has last key 4294967296;/],
    ['[{"label":"a","tag":1,"keys":{"first":0,"count":1048577}}]', /^population "a": has count 1048577;/],
    [
      '[{"label":"a","tag":1,"keys":{"first":0,"count":1048576}},{"label":"b","tag":1,"keys":[1048576]}]',
      /^population "b": ends with neuron 1048577 of the network; expected at most 1048576$/,
    ],
    [
      '[{"label":"a","tag":1,"keys":[1]},{"label":"a","tag":1,"keys":[2]}]',
      /^population "a": exists twice; expected labels of their own$/,
    ],
    [CSV_TEXT.replace('inject,0,0,3,,1', 'inject,0,0,3,,2'), /^population "inject": has atom 2 after 1 others/],
    [CSV_TEXT.replace(',65540', ''), /^line 5: has 6 cells; expected 7$/],
    [CSV_TEXT.replace(',65540', ','), /^population "out": has key ""; expected a whole number from 0 to 4294967295$/],
    [CSV_TEXT.replace(',65540', ',0x10'), /^population "out": has key "0x10"; expected a whole number/],
    [CSV_TEXT.replace(',65540', ',65536'), /^population "out": has the key 65536 of "out"; expected keys of its own$/],
    [CSV_TEXT.replace('1,0,65536', '1,,65536'), /^population "out": has atom ""; expected a whole number/],
    [
      CSV_TEXT.replace('out,,,,1,1', 'out,,,,2,1'),
      /^population "out": has the place ,,,2 in line 5; expected ,,,1, as/,
    ],
    [CSV_TEXT.replace('out,,,,1,0', ',,,,1,0'), /^line 4: has no label; expected a text$/],
  ])('%s is refused', (text, line) => {
    expect(() => readDescription(text)).toThrow(line);
  });

  it('of any bytes is a network, or one typed line', () => {
    const piece = fc.constantFrom(
      ...'[]{},:"\n 0159-.',
      '"label"',
      '"keys"',
      '"tag"',
      'label,x,y,core,tag,atom,key\n',
      'a',
    );
    const mutated = fc.tuple(fc.constantFrom(CSV_TEXT, JSON_TEXT), fc.nat(200), fc.nat(20), fc.string({ unit: piece }));
    const changed = mutated.map(([text, at, length, more]) => text.slice(0, at) + more + text.slice(at + length));
    let refused = 0;
    const read = (text: string) => {
      try {
        const keys = readDescription(text).populations.flatMap((population) => population.keys);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.every((key) => Number.isInteger(key) && key >= 0 && key < 2 ** 32)).toBe(true);
      } catch (problem) {
        expect(problem).toBeInstanceOf(SpikewireError);
        expect((problem as SpikewireError).message).not.toContain('\n');
        refused++;
      }
    };
    fc.assert(fc.property(fc.oneof(changed, fc.string({ unit: piece })), read), { numRuns: 2000, seed: 1 });
    expect(refused).toBeGreaterThan(1000);
  });

  it('without an injector makes no model', () => {
    const network = readDescription('[{"label":"a","tag":1,"keys":[1]}]');
    expect(() => modelOfNetwork(network)).toThrow(/^network: has 0 populations that take spikes and 1 that send them/);
  });
});

describe('an address', () => {
  it('has a host, a port and settings', () => {
    expect(readAddress('10.0.0.2:17894?network=/a/b.csv&late=3&inject=keys&listen')).toEqual({
      ...{ host: '10.0.0.2', port: 17_894, network: '/a/b.csv', late: 3, inject: 'keys' },
      listen: { host: undefined, port: 19_999 },
      ...{ wait: 60, step: 1e-3, timeout: 500 },
    });
  });

  it.each([
    ['', /is not a board address; expected spinnaker:<host>\?network=<file>$/],
    ['a b', /is not a board address/],
    ['host?late=-1', /has late=-1; expected a number from 1 to 10000$/],
    ['host?late=x', /has late=x/],
    ['host?baud=3', /has the setting "baud"; expected network, /],
    ['host?inject=all', /has inject=all; expected neurons, keys$/],
  ])('%s means nothing', (rest, line) => {
    expect(() => readAddress(rest)).toThrow(line);
  });

  it('of a file that is not there says so', async () => {
    await expect(readNetworkFile('/nonexistent/db')).rejects.toThrow(/^network .*: cannot be read \(ENOENT\)/);
  });
});
