import type { JsonTree } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { Target } from './metadata.ts';
import { customOf, type Offer, offerFor, offerOf } from './offer.ts';

const OFFER: Omit<Offer, 'target'> = {
  model: 'pump',
  channel: 'stable',
  groups: [],
  engine: '0.2.0',
  form: 'float32',
  input: '0'.repeat(64),
  memory: 1000,
  selfTests: 0,
  carrying: ['carry', 'reset'],
  bases: [],
};
const WISH = { model: 'pump', channel: 'stable', groups: ['mill', 'hall'] };

function targetOf(name: string, custom: JsonTree | undefined): Target {
  return { name, length: 1, sha256: '0'.repeat(64), custom };
}

/** What a device gets where there are these models, by name. */
function chosen(models: Readonly<Record<string, Partial<Offer>>>, wish = WISH): string | undefined {
  const targets = Object.entries(models).map(([name, more]) => [name, targetOf(name, customOf({ ...OFFER, ...more }))]);
  return offerFor(wish, { targets: new Map(targets as [string, Target][]) })?.target.name;
}

describe('the model for a device', () => {
  it('is that of its name and channel', () => {
    expect(chosen({ a: { model: 'fan' }, b: { channel: 'beta' }, c: {} })).toBe('c');
    expect(chosen({ a: { model: 'fan' }, b: { channel: 'beta' } })).toBeUndefined();
  });

  it('is one for a group of the device before one for all, and none of other groups', () => {
    expect(chosen({ all: {}, mill: { groups: ['mill'] } })).toBe('mill');
    expect(chosen({ mill: { groups: ['mill'] }, all: {} }, { ...WISH, groups: [] })).toBe('all');
    expect(chosen({ all: {}, other: { groups: ['press'] } })).toBe('all');
    expect(chosen({ both: { groups: ['press', 'hall'] } })).toBe('both');
    expect(chosen({ other: { groups: ['press'] } })).toBeUndefined();
  });

  it('is not guessed where two are for the device', () => {
    const line = 'targets: name two models for this device, x and y; expected one for each group';
    expect(() => chosen({ x: { groups: ['mill'] }, y: { groups: ['hall'] } })).toThrow(line);
    expect(() => chosen({ x: {}, y: {} })).toThrow(line);
  });

  it('is found beside others of which something malformed is said', () => {
    const said = (form: JsonTree) => new Map([['spikewire', form]]);
    const targets = new Map(
      [
        targetOf('later', said(new Map([['model', 'fan']]))),
        targetOf('list', said(['model'])),
        targetOf('other', 'text'),
        targetOf('none', undefined),
        targetOf('ours', customOf(OFFER)),
      ].map((target) => [target.name, target]),
    );
    expect(offerFor(WISH, { targets })?.target.name).toBe('ours');
    expect(() => offerOf(targets.get('later')!)).toThrow('targets: later: channel: is invalid; expected a string');
  });

  it.each([
    ['engine', 1],
    ['groups', 'mill'],
    ['groups', [1]],
    ['bases', Array.from({ length: 257 }, () => 'x')],
    ['memory', -1],
    ['memory', 0.5],
    ['carrying', null],
  ])('is refused where its %s is %j', (name, value) => {
    expect(() => chosen({ x: { [name]: value } })).toThrow(`targets: x: ${name}: is invalid`);
  });

  it('says again what was said of it', () => {
    expect(offerOf(targetOf('x', customOf(OFFER)))).toEqual({ ...OFFER, target: targetOf('x', customOf(OFFER)) });
  });
});
