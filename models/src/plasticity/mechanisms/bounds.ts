import { SpikewireError } from '../../error.ts';
import type { Mechanism } from './mechanism.ts';

export const bounds: Mechanism = {
  key: 'bounds',
  declaration: { doc: '[lowest, highest] weight', form: 'json', optional: true },
  read: readRange,
};

/** Needs bounds to be soft in. */
export const softness: Mechanism = {
  key: 'softness',
  declaration: {
    doc: 'exponent of soft bounds: growth in proportion to (room to the bound)^softness',
    form: 'number',
    above: 0,
    optional: true,
  },
  read(where, value, beside) {
    const range = beside.bounds === undefined ? undefined : readRange(where, beside.bounds);
    if (range?.every(Number.isFinite) && range[0] !== range[1]) return value;
    throw new SpikewireError('learning', where, 'has no range to be soft in', 'bounds of finite numbers');
  },
};

function readRange(where: string, range: unknown): readonly [number, number] {
  const [lowest, highest, more] = Array.isArray(range) ? (range as unknown[]) : [];
  if (typeof lowest === 'number' && typeof highest === 'number' && lowest <= highest && more === undefined) {
    return [lowest, highest];
  }
  throw new SpikewireError('learning', where, `is ${JSON.stringify(range)}, no range`, '[lowest, highest]');
}
