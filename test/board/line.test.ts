import {
  type BoardEvent,
  EncoderFrames,
  FirmataBoard,
  FirmataParser,
  HeldSamples,
  unpackMessage,
} from '@spikewire/devices/firmata';
import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it, type TestContext } from 'vitest';
import { checkOf } from '../../devices/src/firmata/checked-message.ts';
import { startUno } from './needs-uno.ts';
import { WrongBytes } from './wrong-bytes.mjs';

/** What the board sends of inputs that never rest, as it was sent. */
async function recorded(context: TestContext, gather: number, milliseconds: number): Promise<Buffer> {
  const uno = await startUno(context);
  const board = await uno.during(FirmataBoard.open(uno.line));
  await uno.during(board.encode({ code: 'values', channels: [0, 1, 5], period: 2000, threshold: 3, gather }));
  const random = new RandomGenerator(2, 'inputs');
  const pieces: Buffer[] = [];
  for (let k = 0; k < milliseconds / 4; k++) {
    for (const channel of [0, 1, 5]) uno.analog(channel, 5 * random.nextUniform());
    pieces.push(await uno.run(4000));
  }
  return Buffer.concat(pieces);
}

/** What a host believes of bytes that came. */
function heard(bytes: Uint8Array): { events: BoardEvent[]; lost: number; frames: number } {
  const frames = new EncoderFrames('values');
  const events = new FirmataParser().take(bytes).flatMap(({ first, data }) => {
    const message = first === 0xf0 ? unpackMessage(data) : undefined;
    return (message && frames.take(message)?.events) ?? [];
  });
  return { events, lost: frames.lost, frames: frames.frames };
}

const named = ({ tick, channel, value }: BoardEvent) => `${tick} ${channel} ${value}`;

describe('a line that gets bytes wrong', () => {
  it('has every change of one byte noticed, wherever and whatever it is', async (context) => {
    const bytes = (await recorded(context, 3, 60)).subarray(0, 100);
    const true_ = heard(bytes);
    const known = new Set(true_.events.map(named));
    expect(true_.frames).toBeGreaterThan(2);
    const believed: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      for (let other = 1; other < 256; other++) {
        const wrong = Uint8Array.from(bytes);
        wrong[at]! ^= other;
        const { events, frames } = heard(wrong);
        const strangers = events.filter((event) => !known.has(named(event)));
        if (frames > true_.frames || strangers.length > 0) believed.push(`byte ${at} as ${wrong[at]}`);
      }
    }
    expect(believed).toEqual([]);
  });

  it.for([
    ['one in a thousand changed', { changed: 1e-3 }],
    ['one in fifty changed', { changed: 0.02 }],
    ['one in a hundred lost, and as many twice', { lost: 0.01, twice: 0.01 }],
  ] as const)('%s: nothing wrong is believed, and what is missing is counted', async ([, share], context) => {
    const bytes = await recorded(context, 0, 20_000);
    const true_ = heard(bytes);
    const { events, lost, frames } = heard(new WrongBytes(share, 3).take(bytes));
    const known = new Set(true_.events.map(named));
    expect(events.filter((event) => !known.has(named(event)))).toEqual([]);
    expect(lost).toBeGreaterThan(0);
    // Those behind the last that came cannot be known.
    expect(true_.frames - frames - lost).toBeGreaterThanOrEqual(0);
    expect(true_.frames - frames - lost).toBeLessThan(3);
  });

  it('does not keep commands from being done, nor makes others of them', async (context) => {
    const uno = await startUno(context);
    const board = await uno.during(FirmataBoard.open(uno.line, { timeout: 20, tries: 200 }));
    const random = new RandomGenerator(4, 'commands');
    const say = uno.send.bind(uno);
    const wrong = new WrongBytes({ changed: 0.05 }, 5);
    uno.send = (bytes: Uint8Array) => say(wrong.take(bytes));
    for (let k = 0; k < 40; k++) {
      const lit = random.nextInteger(2);
      await uno.during(board.show(lit === 1));
      expect(uno.pins.get(13) ?? 0).toBe(lit);
    }
    uno.send = say;
    const { broken } = await uno.during(board.status());
    expect(wrong.changed).toBeGreaterThan(5);
    expect(broken).toBeGreaterThan(0);
  });

  it.for([
    ['another length than it has', [1, 0x14, 1, 2, 1]],
    ['no length', [1, 0x14, 1]],
    ['a command that there is not', [1, 0x33, 1, 1, 1]],
    ['less than it needs', [1, 0x14, 1, 0]],
  ] as const)('brings no command to be done that has %s', async ([, message], context) => {
    const uno = await startUno(context);
    const check = checkOf(Uint8Array.from(message));
    uno.send(Uint8Array.of(0xf0, ...message, check & 127, check >> 7, 0xf7));
    const [answer] = new FirmataParser().take(await uno.run(50_000));
    expect(uno.pins.size).toBe(0);
    // What is whole is answered: 0, not done.
    expect(answer && [...unpackMessage(answer.data)!.said]).toEqual(
      message[3] === message.length - 4 ? [0] : undefined,
    );
  });

  it('leaves samples out whose values may have been lost, until they are known again', async (context) => {
    const uno = await startUno(context);
    const board = await uno.during(FirmataBoard.open(uno.line));
    const held = new HeldSamples([0, 1]);
    const rows: number[][] = [];
    board.onFrame = (frame) => {
      const { values } = held.take(frame, 1000);
      for (let k = 0; k < values.length; k += 2) rows.push([...values.subarray(k, k + 2)]);
      if (frame.lost > 0) board.refresh();
    };
    for (const channel of [0, 1]) uno.analog(channel, 1);
    await uno.during(board.encode({ code: 'values', channels: [0, 1], period: 1000, threshold: 5 }));
    await uno.run(10_000);
    // One frame is taken off the line: the change of A1 that nobody hears of.
    const whole = uno.line.push.bind(uno.line);
    uno.line.push = () => true;
    uno.analog(1, 3);
    await uno.run(10_000);
    uno.line.push = whole;
    uno.analog(0, 2);
    await uno.run(20_000);
    await uno.run(1_500_000);
    expect(board.counts.lost).toBe(1);
    const kinds = rows.map((row) =>
      row.map((value) => (Number.isNaN(value) ? '-' : Math.round((value * 5) / 1023))).join(' '),
    );
    const changes = kinds.filter((kind, k) => kind !== kinds[k - 1]);
    expect(changes[0]).toBe('1 1');
    // Of A0 the frame behind the gap tells; of A1 the answer to the question.
    expect(changes.slice(1)).toEqual(['- -', '2 -', '2 3'].slice(-changes.length + 1));
    expect(changes).toContain('2 -');
    expect(changes.at(-1)).toBe('2 3');
  });
});
