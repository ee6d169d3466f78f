import type { Model } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringing, Installation } from '../extensions/installation.test-data.ts';
import { boardProfile } from './board-profile.ts';

let made: Installation;
beforeEach(() => {
  made = new Installation();
});
afterEach(() => made.remove());

const abilities = "abilities: { weightBits: [8], runs: 'windows' }";
const small = `{ address: 'odd:small', name: 'small odd board', ${abilities}, expectFit: async () => { throw 7; } }`;

function install(profiles: string): void {
  const text = `[{ scheme: 'odd', summary: 'made up', list: async () => [], open: async () => null, ${profiles} }]`;
  made.install(made.project, { odd: bringing('drivers', 'acceleratorDrivers', text) });
}

const profileOf = (address: string) => boardProfile('spikewire train --for', address, made.places);

describe('a board for which models are made', () => {
  it('is found in the package that brings its driver, whose faults are said in one line', async () => {
    install(`profiles: async () => [${small}]`);
    const profile = await profileOf('odd:small');
    const { address, name } = profile;
    expect([address, name, profile.abilities.weightBits]).toEqual(['odd:small', 'small odd board', [8]]);
    await expect(profile.expectFit({} as Model)).rejects.toMatchObject({
      code: 'unsupported',
      message: 'odd: driver of boards "odd": expectFit failed (7)',
    });
  });

  it.each([
    ['odd:large', `profiles: async () => [${small}]`, 'one of odd:small'],
    ['odd:small', '', 'an installed package that defines it'],
    ['even:small', `profiles: async () => [${small}]`, 'one of odd:small'],
  ])('is refused by the name %s where a driver has %j', async (address, profiles, expected) => {
    install(profiles);
    await expect(profileOf(address)).rejects.toMatchObject({
      code: 'usage',
      message: `spikewire train --for: "${address}" is not a known board; expected ${expected}`,
    });
  });

  it.each([
    ['7', 'what limits gave is 7; expected an array of limits'],
    [
      "[{ what: 'x', needs: '1', has: '2', source: {} }]",
      'fits of what limits gave at 0 is missing; expected true or false',
    ],
    [
      "[{ what: 'x', needs: '1', has: '2', fits: true, source: { title: 'a book', evidence: 'rumour' } }]",
      'evidence of source of what limits gave at 0 is "rumour"; expected source file, vendor or abstract, second ' +
        'hand, recalled',
    ],
  ])('has limits that are refused where they are %s', async (limits, problem) => {
    install(`profiles: async () => [{ ...${small}, limits: async () => (${limits}) }]`);
    const { limits: given } = await profileOf('odd:small');
    await expect(given!({} as Model)).rejects.toThrow(`odd: driver of boards "odd": ${problem}`);
  });

  it('is refused where it says nothing of its weights', async () => {
    install("profiles: async () => [{ address: 'odd:small', name: 'x', abilities: {}, expectFit() {} }]");
    await expect(profileOf('odd:small')).rejects.toThrow(
      'odd: driver of boards "odd": weightBits of abilities of what profiles gave at 0 is missing; expected an array',
    );
  });
});
