import { expect, it } from 'vitest';
import { Offers } from './offers.ts';

const SHA256 = 'a'.repeat(64);

function published(sha256: string) {
  const said = { model: 'pump', channel: 'stable', groups: [], engine: '0.2.0', form: 'float32', input: '', memory: 1 };
  const custom = new Map([['spikewire', new Map(Object.entries({ ...said, selfTests: 0, carrying: [], bases: [] }))]]);
  return new Map([['pump.spike', { name: 'pump.spike', length: 1, sha256, custom }]]);
}

it('finds a base that was published just now, and reads no more often than that needs', async () => {
  let [targets, reads] = [published('b'.repeat(64)), 0];
  const client = {
    async refresh() {
      reads++;
      return { targets };
    },
  };
  const offers = new Offers(client as never);
  const wanted = { model: 'pump', channel: 'stable', sha256: SHA256 };
  await expect(offers.expect(wanted)).rejects.toThrow('the repository does not offer aaaaaaaaaaaa…');
  targets = published(SHA256);
  await offers.expect(wanted);
  const before = reads;
  await offers.expect(wanted);
  await offers.now();
  expect(reads).toBe(before);
  await expect(offers.expect({ ...wanted, channel: 'beta' })).rejects.toThrow('model pump, channel beta');
});
