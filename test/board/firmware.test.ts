import { type FirmataMessage, FirmataParser, packMessage, unpackMessage } from '@spikewire/devices/firmata';
import { RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startUno } from './needs-uno.ts';
import type { Uno } from './uno.mjs';

const [INPUT, OUTPUT, ANALOG, PWM, PULLUP] = [0, 1, 2, 3, 11];

/** What the board sends within so many microseconds of some bytes. */
async function ask(uno: Uno, bytes: readonly number[], microseconds = 60_000): Promise<FirmataMessage[]> {
  uno.send(Uint8Array.from(bytes));
  return new FirmataParser().take(await uno.run(microseconds));
}

const numbersOf = (messages: readonly FirmataMessage[]) => messages.map(({ first, data }) => [first, ...data]);
const letters = (text: string) => [...text].flatMap((letter) => [letter.charCodeAt(0), 0]);

describe('the firmware speaks Firmata 2.7', () => {
  it('says version, name, pins and analog inputs', async (context) => {
    const uno = await startUno(context);
    expect(numbersOf(await ask(uno, [0xf9]))).toEqual([[0xf9, 2, 7]]);
    expect(numbersOf(await ask(uno, [0xf0, 0x79, 0xf7]))).toEqual([[0xf0, 0x79, 1, 0, ...letters('spikewire')]]);
    const mapping = Array.from({ length: 20 }, (_, pin) => (pin < 14 ? 127 : pin - 14));
    expect(numbersOf(await ask(uno, [0xf0, 0x69, 0xf7]))).toEqual([[0xf0, 0x6a, ...mapping]]);
    const [capabilities] = numbersOf(await ask(uno, [0xf0, 0x6b, 0xf7]));
    const pins = pinsOf(capabilities!.slice(2));
    expect(pins).toHaveLength(20);
    const can = (mode: number) => pins.flatMap((modes, pin) => (modes.has(mode) ? [[pin, modes.get(mode)]] : []));
    const digital = Array.from({ length: 18 }, (_, k) => [k + 2, 1]);
    for (const mode of [INPUT, OUTPUT, PULLUP]) expect(can(mode)).toEqual(digital);
    expect(can(ANALOG)).toEqual([14, 15, 16, 17, 18, 19].map((pin) => [pin, 10]));
    expect(can(PWM)).toEqual([3, 5, 6, 11].map((pin) => [pin, 8]));
  });

  it('sets outputs one by one and eight at once, and leaves inputs alone', async (context) => {
    const uno = await startUno(context);
    await ask(uno, [0xf4, 8, OUTPUT, 0xf4, 13, OUTPUT, 0xf5, 13, 1]);
    expect(uno.pins.get(13)).toBe(1);
    await ask(uno, [0x91, 0b0000011, 0]);
    expect(Object.fromEntries(uno.pins)).toEqual({ 8: 1, 13: 0 });
    expect(numbersOf(await ask(uno, [0xf0, 0x6d, 8, 0xf7, 0xf0, 0x6d, 9, 0xf7]))).toEqual([
      [0xf0, 0x6e, 8, OUTPUT, 1, 0],
      [0xf0, 0x6e, 9, INPUT, 0, 0],
    ]);
  });

  it('reports a digital port when it is asked for and when an input changes, also one with the bit of 128', async (context) => {
    const uno = await startUno(context);
    await ask(uno, [0xf4, 2, INPUT, 0xf4, 7, INPUT]);
    expect(numbersOf(await ask(uno, [0xd0, 1]))).toEqual([[0x90, 0, 0]]);
    uno.digital(7, 1);
    expect(numbersOf(await ask(uno, []))).toEqual([[0x90, 0, 1]]);
    uno.digital(2, 1);
    expect(numbersOf(await ask(uno, []))).toEqual([[0x90, 4, 1]]);
    await ask(uno, [0xd0, 0]);
    uno.digital(2, 0);
    expect(await ask(uno, [])).toEqual([]);
  });

  it('gives a share of the time to a PWM pin', async (context) => {
    const uno = await startUno(context);
    for (const [pin, share] of [
      [3, 64],
      [6, 200],
      [11, 128],
    ] as const) {
      await ask(uno, [0xf4, pin, PWM, 0xf0, 0x6f, pin, share & 127, share >> 7, 0xf7]);
      expect(Math.abs((await shareOf(uno, pin)) - share / 255), `pin ${pin}`).toBeLessThan(0.01);
    }
    await ask(uno, [0xe6, 0, 0]);
    expect(await shareOf(uno, 6)).toBe(0);
  });

  it('reports analog inputs at an interval, each in 1024 steps of the supply', async (context) => {
    const uno = await startUno(context);
    [0, 1.234, 5].forEach((volts, channel) => {
      uno.analog(channel, volts);
    });
    await ask(uno, [0xf0, 0x7a, 10, 0, 0xf7, 0xc0, 1, 0xc1, 1, 0xc2, 1]);
    const reports = numbersOf(await ask(uno, [], 1_000_000));
    expect(reports.length).toBeGreaterThan(3 * 95);
    expect(reports.length).toBeLessThan(3 * 101);
    const values = [0, 1, 2].map((channel) => {
      const own = reports.filter(([first]) => first === 0xe0 + channel);
      expect(new Set(own.map(String)).size).toBe(1);
      return own[0]![1]! | (own[0]![2]! << 7);
    });
    expect(values[0]).toBe(0);
    expect(Math.abs(values[1]! - (1.234 / 5) * 1024)).toBeLessThan(2);
    expect(values[2]).toBe(1023);
  });

  it('is as at its start after a reset', async (context) => {
    const uno = await startUno(context);
    await ask(uno, [0xf4, 13, OUTPUT, 0xf5, 13, 1, 0xc0, 1, 0xd1, 1]);
    expect(await ask(uno, [])).not.toEqual([]);
    expect((await ask(uno, [0xff, 0xf0, 0x6d, 13, 0xf7])).at(-1)?.data).toEqual(Uint8Array.of(0x6e, 13, INPUT, 0, 0));
    expect(await ask(uno, [])).toEqual([]);
  });

  it('sends any string back', async (context) => {
    const uno = await startUno(context);
    const strings = fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 63 });
    const property = fc.asyncProperty(strings, async (text) => {
      expect(numbersOf(await ask(uno, [0xf0, 0x71, ...text, 0xf7]))).toEqual([[0xf0, 0x71, ...text]]);
    });
    await fc.assert(property, { numRuns: 30 });
  });
});

describe('the firmware lives through wrong bytes', () => {
  const isName = ({ first, data }: FirmataMessage) => first === 0xf0 && data[0] === 0x79;

  it.for([
    ['a message without an end', 1, [0xf0, 0x79]],
    ['half a command', 1, [0xf4, 13]],
    ['an end of nothing', 2, [0xf7, 0xf7]],
    ['data of nothing', 3, [1, 2, 3]],
    ['a first byte of nobody', 3, [0xf1, 5, 0xfd]],
    ['a message of 5,000 bytes', 1, [0xf0, 0x71, ...filled(5000, 0x55), 0xf7]],
    ['one of 5,000 without an end', 1, [0xf0, 0x01, ...filled(5000, 0x7f)]],
    ['a question of 257 bytes', 1, [0xf0, ...filled(257, 0x79), 0xf7]],
    ['a message of one more than fits', 1, [0xf0, 0x71, ...filled(64, 0x55), 0xf7]],
    ['ports and inputs that there are not', 3, [0x9f, 127, 127, 0xdf, 1, 0xcf, 1]],
    ['pins that there are not', 0, [0xf4, 99, 1, 0xf5, 127, 1, 0xef, 1, 1]],
    ['questions cut short', 5, [0xf0, 0x6d, 0xf7, 0xf0, 0xf7, 0xf0, 0x7a, 1, 0xf7, 0xf0, 0x6f, 0xf7, 0xf0, 1, 0xf7]],
    ['a mode that a pin has not', 0, [0xf4, 2, ANALOG, 0xf4, 0, OUTPUT, 0xf4, 14, PWM]],
  ] as [string, number, number[]][])('%s, counted as %i', async ([, counted, bytes], context) => {
    const uno = await startUno(context);
    expect(await ask(uno, bytes, 2_000_000)).toEqual([]);
    const heard = await ask(uno, [0xf0, 0x79, 0xf7]);
    expect(heard.filter(isName)).toHaveLength(1);
    expect(uno.pins).toEqual(new Map());
    const [status] = await ask(uno, [...packMessage({ kind: 0x13, number: 9, said: new Uint8Array() })]);
    const { number, said } = unpackMessage(status!.data)!;
    expect({ number, said: [...said] }).toEqual({ number: 9, said: [1, 0, 0, 0, 0, counted, 0, 0, 0] });
  });

  it('answers the next whole message after any noise, for as long as one likes', async (context) => {
    const uno = await startUno(context);
    const random = new RandomGenerator(1, 'noise');
    const firsts = [0xf0, 0xf7, 0xc0, 0xd0, 0xe3, 0x91, 0xf4, 0xf5, 0xf9, 0xff, 0xf0, 0xf0];
    const kinds = [0x01, 0x69, 0x6b, 0x6d, 0x6f, 0x71, 0x79, 0x7a];
    for (let round = 0; round < 150; round++) {
      const noise = Array.from({ length: 1 + random.nextInteger(150) }, () => {
        const from = [firsts, firsts, kinds][random.nextInteger(10)];
        return from === undefined ? random.nextInteger(256) : from[random.nextInteger(from.length)]!;
      });
      await ask(uno, noise, 200_000);
      const heard = await ask(uno, [0xf0, 0x79, 0xf7], 100_000);
      expect(heard.filter(isName).length, `round ${round}: ${noise}`).toBeGreaterThan(0);
    }
  });
});

const filled = (length: number, byte: number) => new Array<number>(length).fill(byte);

/** Modes and resolutions by pin. */
function pinsOf(capabilities: readonly number[]): Map<number, number>[] {
  const pins: Map<number, number>[] = [];
  for (let at = 0; at < capabilities.length; at++) {
    const modes = new Map<number, number>();
    for (; capabilities[at] !== 127; at += 2) modes.set(capabilities[at]!, capabilities[at + 1]!);
    pins.push(modes);
  }
  return pins;
}

/** The share of 40 ms that a pin is high. */
async function shareOf(uno: Uno, pin: number): Promise<number> {
  const changes: [level: number, time: number][] = [];
  uno.onPin = (which, level, time) => {
    if (which === pin) changes.push([level, time]);
  };
  await uno.run(40_000);
  let [high, whole] = [0, 0];
  for (let k = 1; k < changes.length; k++) {
    const lasted = changes[k]![1] - changes[k - 1]![1];
    whole += lasted;
    if (changes[k - 1]![0] === 1) high += lasted;
  }
  return whole === 0 ? (uno.pins.get(pin) ?? 0) : high / whole;
}
