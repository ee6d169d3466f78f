import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { numbersOf, readAnyModel, readLearned, writeModel } from '@spikewire/models';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startCommand } from '../../e2e/command.ts';
import { readGolden } from '../../golden/data.ts';
import { ensembleModel, eventsOf, playCourse, vectorOf } from './ensembles.mjs';
import { fakeSshRig } from './rig.mjs';

const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'nengofpga')!;
const learning = ensembleModel({ inputs: 2, outputs: 2, neurons: 40, learningRate: 0.01 });
const NAME = 'nengofpga 127.0.0.2';

let rig: Awaited<ReturnType<typeof fakeSshRig>>;
beforeAll(async () => {
  rig = await fakeSshRig();
});
afterAll(() => rig.close());

let sources: Awaited<ReturnType<typeof driver.open>>[] = [];
afterEach(async () => {
  await Promise.all(sources.map((source) => source.close()));
  sources = [];
});

async function boardWith(faults: Parameters<typeof fakeSshRig>[0]) {
  await rig.setFaults(faults!);
  const source = await driver.open(rig.file);
  sources.push(source);
  return source;
}

describe('an ensemble that learns', () => {
  it.each([
    ['without a fault', 1000, {}],
    ['with a loss of 5 %, two seconds', 2000, { loss: 0.05, seed: 1 }],
    ['with packets that come twice', 300, { doubled: 0.1, seed: 2 }],
    ['with packets that come later than others', 250, { delayed: 0.1, delay: 3, seed: 3 }],
    ['with all of these', 250, { loss: 0.05, doubled: 0.1, delayed: 0.05, delay: 3, seed: 4 }],
  ])('answers and learns as the reference, %s', async (_, steps, faults) => {
    const file = join(rig.folder, 'decoders.json');
    const source = await boardWith({ ...faults, decoders: file });
    const { worst, wrong, usualAtEnd, learned, decoders, counts, errors } = await playCourse(source, learning, steps);
    // Only a packet that comes after the next ones, and was taken for lost, is found a few answers later.
    const isLate = 'delayed' in faults;
    expect(wrong).toBeLessThanOrEqual(isLate ? 0.05 * steps : 'doubled' in faults ? 0.01 * steps : 0);
    expect(worst).toBeLessThan(isLate ? 0.25 : 1e-3);
    expect(usualAtEnd).toBeLessThan(1e-4);
    expect(learned).toBeLessThan(1e-9);
    const onBoard = JSON.parse(await readFile(file, 'utf8')) as number[];
    const largest = Math.max(...decoders.map(Math.abs));
    expect(onBoard).toHaveLength(decoders.length);
    for (const [k, d] of decoders.entries()) expect(Math.abs(onBoard[k]! - d)).toBeLessThan(1e-3 * largest);
    expect(errors[1]).toBeLessThan(errors[0]!);
    if ('loss' in faults) expect(Math.min(counts.silences, counts.resent)).toBeGreaterThan(3);
    if ('doubled' in faults) expect(counts.undone).toBeGreaterThan(3);
    if ('delayed' in faults) expect(counts.late).toBeGreaterThan(3);
    if (Object.keys(faults).length === 0) expect(counts).toMatchObject({ resent: 0, undone: 0 });
  });

  it('goes on with what it has learned after the board was restarted', async () => {
    const source = await boardWith({});
    const first = await source.open(writeModel(learning));
    const x = Float64Array.of(0.5, -0.3);
    await first.run({ steps: 1, input: eventsOf(x) });
    const teach = [{ connection: 'decode', signal: Float64Array.of(3, -2) }];
    const taught = vectorOf((await first.run({ steps: 1, input: eventsOf(x), teach })).output, 2);
    const state = await first.save();
    await first.close();
    const second = await source.open(writeModel(learning));
    const untaught = vectorOf((await second.run({ steps: 1, input: eventsOf(x) })).output, 2);
    expect(await second.restore(state)).toBeUndefined();
    const after = vectorOf((await second.run({ steps: 1, input: eventsOf(x) })).output, 2);
    for (const [j, value] of after.entries()) {
      expect(Math.abs(value - taught[j]!)).toBeLessThan(1e-4);
      expect(Math.abs(value - untaught[j]!)).toBeGreaterThan(0.1);
    }
  });

  it('takes a lesson about an earlier window, and counts one that comes too late', async () => {
    const source = await boardWith({});
    const net = await source.open(writeModel(learning));
    for (let step = 0; step < 20; step++) await net.run({ steps: 1, input: eventsOf([Math.sin(step), 1]) });
    const lesson = (step: number) => ({ connection: 'decode', signal: Float64Array.of(1, 1), step });
    const { taught, counters } = await net.run({ steps: 0, input: eventsOf([]), teach: [lesson(3), lesson(10)] });
    expect(taught).toEqual(['forgotten', 'applied']);
    expect(counters).toMatchObject({ taught: 1, forgotten: 1 });
    // The board answers with what it was taught, else the next lesson fails.
    const { taught: next } = await net.run({ steps: 1, input: eventsOf([0.1, 0.2]), teach: [lesson(19)] });
    expect(next).toEqual(['applied']);
  });

  it('begins where its first packet is lost, or one of a former session comes before it', async () => {
    for (const faults of [{ first: true }, { before: 5 }]) {
      const { wrong, learned } = await playCourse(await boardWith(faults), learning, 20);
      expect([wrong, learned < 1e-9]).toEqual([0, true]);
    }
  });

  it('begins anew before rounded times name no packet any more', async () => {
    const { wrong, learned, counts } = await playCourse(await boardWith({ timeBits: 8 }), learning, 150);
    expect([wrong, learned < 1e-9]).toEqual([0, true]);
    expect((counts as unknown as { restarts: number }).restarts).toBeGreaterThan(1);
  });

  it('has one file of parameters on the board, however often it begins', async () => {
    const net = await (await boardWith({})).open(writeModel(learning));
    await net.resetLearning();
    await net.resetLearning();
    expect(await readdir(join(rig.folder, 'params'))).toHaveLength(1);
  });

  it('learns nothing in a window that is refused', async () => {
    const net = await (await boardWith({})).open(writeModel(learning));
    await net.run({ steps: 1, input: eventsOf([1, 1]) });
    const before = readLearned(await net.save());
    const teach = [{ connection: 'decode', signal: Float64Array.of(1, 1) }];
    for (const membranes of [['nothing'], ['out']]) {
      const refused = net.run({ steps: 1, input: eventsOf([1, 1]), teach, membranes });
      await expect(refused).rejects.toThrow(`node "${membranes[0]}": has no membrane`);
    }
    expect(readLearned(await net.save())).toEqual(before);
  });

  it('is refused by its first lessons where the board scales PES in another way', async () => {
    const course = playCourse(await boardWith({ rate: 2 }), learning, 50);
    await expect(course).rejects.toThrow(/^nengofpga 127.0.0.2: answers .*; expected .*, as its neurons and PES give$/);
  });
});

describe('neurons with a state on the board', () => {
  it.each([
    ['spiking', { inputs: 1, outputs: 1, neurons: 30, spiking: true }],
    ['with feedback', { inputs: 1, outputs: 2, neurons: 30, feedback: 0.05 }],
    ['spiking with feedback', { inputs: 2, outputs: 1, neurons: 30, spiking: true, feedback: 0.1 }],
  ])('%s answer as the reference', async (_, shape) => {
    const { differences, counts } = await playCourse(await boardWith({}), ensembleModel(shape), 500);
    // A spike may come a step earlier or later where a membrane is at its threshold to float32, and is in two answers.
    // A machine that stands still for 0.1 s has the former answer again.
    const shifted = 'spiking' in shape ? 2 : 0;
    const off = differences.filter((difference) => difference > 1e-4).length;
    expect(off).toBeLessThanOrEqual(shifted + counts.repeated);
    expect(counts.repeated).toBeLessThan(50);
  });

  it('give the former answer again where one is lost, and count it', async () => {
    const model = ensembleModel({ inputs: 1, outputs: 1, neurons: 10, spiking: true });
    const { counts } = await playCourse(await boardWith({ loss: 0.03, seed: 5 }), model, 100);
    expect(counts.repeated).toBeGreaterThan(2);
    expect(counts).toMatchObject({ silences: counts.repeated, sent: 100 });
  });
});

describe('a board that is not as it should be', () => {
  const form = 'expected float64, little-endian, with the time of a packet that was sent';
  it.each([
    ['with its bytes swapped', { swapped: true }, new RegExp(`: answers with the time .*; ${form}$`)],
    ['with its words shifted', { shifted: true }, new RegExp(`: answers with the time .*; ${form}$`)],
    ['without the lock', { code: -10 }, /: is in use by another program \(code −10\); expected /],
    ['without the driver', { code: -20 }, /: has no driver of the circuit loaded \(code −20\); expected /],
    ['with a time below all codes', { code: -2000 }, new RegExp(`: answers with the time -2000; ${form}$`)],
    ['that ends the run', { code: -1 }, /: has ended the run \(code -1\); expected /],
    ['whose script is killed', { says: 'Killed' }, /: its script was killed; expected /],
    [
      'whose script fails',
      { says: 'Traceback (most recent call last):\n  File "x"\nOSError: no device' },
      /: its script has failed: OSError: no device; expected /,
    ],
    ['whose script ends', { says: 'bye' }, /: its script has ended \(0\): bye; expected /],
  ])('%s is refused with one error', async (_, faults, line) => {
    const source = await boardWith(faults);
    const refused = await source.open(writeModel(learning)).catch((problem: Error) => problem);
    expect(refused).toMatchObject({ name: 'SpikewireError', code: 'unsupported' });
    expect((refused as Error).message).toMatch(line);
    expect((refused as Error).message).toMatch(/^nengofpga 127\.0\.0\.2: [^\n]*$/);
  });

  it('ends each call with an error once it is gone, and opens again when it is back', async () => {
    const source = await boardWith({ diesAfter: 30 });
    const net = await source.open(writeModel(learning));
    const steps = async () => {
      for (let k = 0; k < 40; k++) await net.run({ steps: 1, input: eventsOf([k / 40, 0]) });
    };
    await expect(steps()).rejects.toThrow(new RegExp(`^${NAME}: its script has ended \\(3\\)`));
    await expect(net.run({ steps: 1, input: eventsOf([0, 1]) })).rejects.toThrow('its script has ended');
    expect(readLearned(await net.save()).has('decode')).toBe(true);
    await net.close();
    await rig.setFaults({});
    expect((await (await source.open(writeModel(learning))).run({ steps: 3, input: eventsOf([1, 1]) })).step).toBe(3);
  });

  it.each([
    ['drops each lesson', { deaf: true }, 'answers inputs, and no lesson; expected a board that learns'],
    ['gets each packet twice', { doubled: 1 }, 'gets each lesson twice; expected lessons that come once'],
  ])('ends with an error where it %s', async (_, faults, line) => {
    await expect(playCourse(await boardWith(faults), learning, 5)).rejects.toThrow(`${NAME}: ${line}`);
  });

  it('does not seem to answer the same input once it is gone', async () => {
    // Two packets compare its answers first.
    const net = await (await boardWith({ diesAfter: 3 })).open(writeModel(learning));
    const step = () => net.run({ steps: 1, input: eventsOf([1, 1]) });
    await step();
    await expect(step()).rejects.toThrow(`${NAME}: its script has ended (3)`);
  });

  it('closes, and opens again, after it could not begin anew', async () => {
    const source = await boardWith({});
    const net = await source.open(writeModel(learning));
    const { sent } = (net as unknown as { counts: { sent: number } }).counts;
    await rig.setFaults({ says: 'Killed' });
    await expect(net.resetLearning()).rejects.toThrow('its script was killed');
    await expect(net.resetLearning()).rejects.toThrow('its script was killed');
    expect((net as unknown as { counts: { sent: number } }).counts.sent).toBe(sent);
    await Promise.all([net.close(), net.close()]);
    await rig.setFaults({});
    expect((await (await source.open(writeModel(learning))).run({ steps: 1, input: eventsOf([1, 1]) })).step).toBe(1);
  });

  it('is let go where its source is closed while a net opens', async () => {
    const source = await boardWith({ first: true, silentAfter: 0 });
    const opening = source.open(writeModel(learning)).catch((problem: Error) => problem.message);
    await source.close();
    expect(await opening).toBe(`${NAME}: was closed before it began; expected an open board`);
  });

  it('says so where it answers no more', async () => {
    const net = await (await boardWith({ silentAfter: 20 })).open(writeModel(learning));
    const steps = Int32Array.from({ length: 40 }, (_, step) => step);
    const [index, node] = [steps.map((step) => step % 2), steps.map(() => 0)];
    const run = net.run({ steps: 40, input: { step: steps, node, index, value: Float64Array.from(steps) } });
    await expect(run).rejects.toThrow(`${NAME}: does not answer; expected a board that is attached`);
  });

  it('is said to be missing where nothing is there', async () => {
    await expect(driver.open('boards that are none')).rejects.toMatchObject({ code: 'usage' });
    await expect(driver.open('/nowhere/boards.ini')).rejects.toThrow(/cannot be read \(ENOENT\)/);
    expect(await driver.list()).toEqual([]);
  });
});

it('tests a board: its number, and an ensemble that learns', async () => {
  await rig.setFaults({});
  const [number, ensemble, ...more] = await driver.test!(rig.file);
  expect(number).toBe('board: number 0x0123456789ABCDEF');
  expect(ensemble).toMatch(/^ensemble: a step with a lesson in [\d.]+ ms, .*; error of −x after 500 steps 0\.0\d+; /);
  expect(more).toEqual([]);
});

it('takes a number from the board alone', async () => {
  await rig.setFaults({ stranger: true });
  expect((await driver.test!(rig.file))[0]).toBe('board: number 0x0123456789ABCDEF');
});

it('leaves no timer behind where the script for the number ends', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  await rig.setFaults({ says: 'no device' });
  // Timers of earlier tests have ended by then.
  await sleep(100);
  const before = timers();
  const line = 'its script has ended (0): no device; expected a board that tells its number';
  await expect(driver.test!(rig.file)).rejects.toThrow(`${NAME}: ${line}`);
  await sleep(100);
  expect(timers()).toBeLessThanOrEqual(before);
});

it('says so where the port for the number is not free', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const file = join(rig.folder, 'taken.ini');
  await writeFile(file, (await readFile(rig.file, 'utf8')).replace('udp_port = 0', `udp_port = ${port}`));
  try {
    const line = `cannot use 127.0.0.1:${port} (EADDRINUSE); expected an address of this machine, and a free port`;
    await expect(driver.test!(file)).rejects.toThrow(`${NAME}: ${line}`);
  } finally {
    other.close();
  }
});

it('is reached by the command line', async () => {
  await rig.setFaults({});
  const folder = await mkdtemp(join(tmpdir(), 'nengofpga-command-'));
  try {
    await writeFile(join(folder, 'net.spike'), writeModel(learning));
    const input = {
      steps: 2,
      input: {
        in: [
          [0, 0, 0.5],
          [1, 1, -1],
        ],
      },
    };
    await writeFile(join(folder, 'in.json'), JSON.stringify(input));
    const said = async (...words: string[]) => {
      const command = startCommand(words, folder);
      expect([await command.ended, command.stderr()]).toEqual([0, '']);
      return command.stdout();
    };
    const run = ['simulate', 'net.spike', '--input', 'in.json', '--json'];
    const [board, here] = [await said(...run, '--device', `nengofpga:${rig.file}`), await said(...run)];
    const values = (text: string) =>
      (JSON.parse(text) as { spikes: { out: number[][] } }).spikes.out.map(([, , v]) => v!);
    expect(values(here)).toHaveLength(4);
    for (const [k, value] of values(board).entries()) expect(Math.abs(value - values(here)[k]!)).toBeLessThan(1e-4);
    expect(await said('devices', '--test', `nengofpga:${rig.file}`)).toMatch(
      /^board: number 0x0123456789ABCDEF\nensemble: .*\nnet: 30 windows of 16 steps, .*, in the arithmetic of the board; /,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('runs and teaches an ensemble of the method nef', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nengofpga-nef-'));
  try {
    const words = ['--method', 'nef', '--data', 'function:square', '--neuron', 'ReLU', '--neurons', '40'];
    const command = startCommand(['train', ...words, '--seed', '1', '--out', 'square.spike'], folder);
    expect([await command.ended, command.stderr()]).toEqual([0, '']);
    const model = readAnyModel(await readFile(join(folder, 'square.spike')));
    const file = join(folder, 'decoders.json');
    const source = await boardWith({ loss: 0.05, seed: 6, decoders: file });
    const { wrong, learned, counts, decoders } = await playCourse(source, model, 1000);
    expect([wrong, learned < 1e-9]).toEqual([0, true]);
    expect(counts.resent).toBeGreaterThan(3);
    const trained = [...model.graph.nodes.values()].find(({ type }) => type === 'Linear');
    const before = Array.from(numbersOf(trained!, 'weight')!.data, (weight) => weight * model.semantics.dt);
    const onBoard = JSON.parse(await readFile(file, 'utf8')) as number[];
    const apart = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((d, k) => Math.abs(d - b[k]!)));
    expect(apart(onBoard, decoders)).toBeLessThan(1e-3 * apart(before, decoders));
    expect(apart(before, decoders)).toBeGreaterThan(0.1 * Math.max(...before.map(Math.abs)));
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('decodes what Nengo decodes', async () => {
  const { parseModel } = await import('@spikewire/models');
  const golden = readGolden('nengo/nef_relu_1d.json') as NengoCase;
  const { gain, bias, decoders, decoded } = golden.expected;
  const functions = Object.keys(decoders);
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      encode: {
        type: 'Affine',
        weight: gain.map((each, i) => [0.001 * each * golden.encoders[i]![0]!]),
        bias: bias.map((each) => 0.001 * each),
      },
      neurons: { type: 'ReLU' },
      decode: {
        type: 'Linear',
        weight: functions.flatMap((each) => decoders[each]!.map((row) => row.map((d) => d / 0.001))),
      },
      out: { type: 'Output', shape: [functions.length] },
    },
    edges: ['in', 'encode', 'neurons', 'decode'].map((name, k, names) => [name, names[k + 1] ?? 'out']),
    semantics: { dt: 0.001 },
  });
  const net = await (await boardWith({})).open(writeModel(model));
  for (const [k, point] of golden.test_points.entries()) {
    const found = vectorOf((await net.run({ steps: 1, input: eventsOf(point) })).output, functions.length);
    for (const [j, each] of functions.entries())
      expect(Math.abs(found[j]! - decoded[each]![k]![0]!)).toBeLessThan(1e-5);
  }
});

interface NengoCase {
  readonly encoders: number[][];
  readonly test_points: number[][];
  readonly expected: {
    readonly gain: number[];
    readonly bias: number[];
    readonly decoders: Readonly<Record<string, number[][]>>;
    readonly decoded: Readonly<Record<string, number[][]>>;
  };
}
