import { mutateBytes, pick } from '../mutations.mjs';
import { openStreams, ROUTES } from '../streams.mjs';
import { mutateTree } from '../tree-mutations.mjs';

const COMMANDS = ['save', 'reset', 'freeze', 'learn', 'status', 'normal', 'delete', ''];
const NUMBERS = [0, -0, 1, -1, 0.25, 20, -273.15, 1e-320, 1e6, 2 ** 53, 1e154, 1e300, -1e308, Number.MAX_VALUE];
/** Of so many refused messages one is looked at for what it left behind. */
const LOOK = 20;

/**
 * Readings, lessons and commands on long-lived streams, right ones and damaged ones. A message is taken or refused in
 * one line; a refused one changes nothing, and no message makes a net fail.
 */
export const payloads = {
  name: 'payloads',
  async create() {
    const streams = openStreams();
    for (const each of streams) await each.receive(ROUTES.in, encode(reading(each.pool.shape, undefined)));
    const run = async (random) => {
      const each = pick(random, streams);
      const [topic, document] = nextMessage(each.pool.shape, random);
      const payload = damaged(document, random);
      const before = random.nextInteger(LOOK) === 0 ? await stateOf(each) : undefined;
      const bad = each.stream.counters.bad;
      await each.receive(topic, payload);
      const taken = each.stream.counters.bad === bad;
      if (each.pool.counters.failed > 0) throw new Error('a message made a net fail');
      if (!taken && before !== undefined && Buffer.compare(before, await stateOf(each)) !== 0) {
        throw new Error('a refused message has changed the state of the net');
      }
      return taken;
    };
    return Object.assign(run, { close: () => Promise.all(streams.map(({ pool }) => pool.close())) });
  },
};

function stateOf({ pool }) {
  return pool.use('', ({ session }) => session.save());
}

function nextMessage(shape, random) {
  const choice = random.nextInteger(20);
  if (choice < 12) return [ROUTES.in, reading(shape, random)];
  if (choice < 18) return [`${ROUTES.in}/label`, lesson(shape, random)];
  const command = pick(random, COMMANDS);
  return [`${ROUTES.in}/command`, random.nextInteger(2) === 0 ? command : { command }];
}

function numberFrom(random) {
  if (random === undefined) return 0.5;
  return random.nextInteger(3) === 0 ? pick(random, NUMBERS) : 4 * random.nextUniform() - 2;
}

function numbers(count, random) {
  return Array.from({ length: count }, () => numberFrom(random));
}

function timeFrom(random) {
  const times = [numberFrom(random), 1_795_777_200, 1_795_777_200_000, '2026-11-27T11:00:00.5+01:00', '1e3', null];
  return pick(random, times);
}

/** In one of the forms of docs/messages.md, and as devices write them. */
function reading({ model, channels: count }, random) {
  const values = numbers(count, random);
  const each = count / model.channels.length;
  const named = () =>
    Object.fromEntries(
      model.channels.map(({ name }, k) => [name, each === 1 ? values[k] : values.slice(k * each, (k + 1) * each)]),
    );
  const form = random?.nextInteger(5) ?? 0;
  const plain = form === 0 && Number.isInteger(each) ? named() : values;
  if (form === 2) return { t: timeFrom(random), values: plain };
  if (form < 3) return plain;
  const texts = Object.entries(named()).map(([name, value]) => [name, each === 1 ? word(value, random) : value]);
  const written = Object.fromEntries(texts);
  if (form === 3) return { ...written, t: timeFrom(random), linkquality: 97, update: { state: 'idle' } };
  const capitals = Object.entries(written).map(([name, value]) => [name[0].toUpperCase() + name.slice(1), value]);
  return {
    Time: timeFrom(random),
    Unit: 'C',
    [pick(random, ['AM2301', '__proto__', 'params'])]: Object.fromEntries(capitals),
  };
}

/** A number as some devices send it. */
function word(value, random) {
  return pick(random, [value, String(value), value > 0, 'ON', 'nan', 'unavailable', null, ` ${value} `]);
}

function lesson({ model, outputs }, random) {
  const [kind, value] = pick(random, [
    ['label', pick(random, [...model.labels, '', 'nobody', 3])],
    ['target', numbers(outputs, random)],
    ['error', numbers(outputs, random)],
    ['error', numberFrom(random)],
    ['reward', numberFrom(random)],
  ]);
  return { [kind]: value, ...(random.nextInteger(3) === 0 && { t: 60_000 * random.nextInteger(2 ** 20) }) };
}

/** As it is, with another structure, or with other bytes. */
function damaged(document, random) {
  const choice = random.nextInteger(4);
  if (choice < 2) return encode(document);
  if (choice === 2) return encode(mutateTree({ document }, random).document);
  return mutateBytes(encode(document), random);
}

function encode(document) {
  return new TextEncoder().encode(typeof document === 'string' ? document : (JSON.stringify(document) ?? ''));
}
