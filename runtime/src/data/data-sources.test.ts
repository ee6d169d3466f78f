import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringing, Installation } from '../extensions/installation.test-data.ts';
import { dataRows, loadDataSet } from './data-sources.ts';

const digits = `[{
  name: 'digits',
  summary: 'digits, 8×8',
  load: async (folder) => ({ name: 'digits ' + folder, classes: ['0'], samples: [], labels: new Int32Array(0) }),
}]`;
let withTrainer: Installation;
let alone: Installation;
beforeAll(() => {
  [withTrainer, alone] = [new Installation(), new Installation()];
  withTrainer.install(withTrainer.home, { '@spikewire/trainer': bringing('data', 'dataSources', digits) });
});
afterAll(() => {
  withTrainer.remove();
  alone.remove();
});

describe('data sets by name', () => {
  it('come from the trainer package where it is installed; what stands behind the colon is theirs', async () => {
    expect((await loadDataSet('digits', withTrainer.places)).name).toBe('digits undefined');
    expect((await loadDataSet('digits:C:/data', withTrainer.places)).name).toBe('digits C:/data');
  });

  it('that are not known get the names there are', async () => {
    await expect(loadDataSet('digits', alone.places)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(
        /^--data digits: is not a known data set; expected csv:FILE, .*; more with the file that npm run pack:trainer makes in the source code of spikewire$/,
      ),
    });
    await expect(loadDataSet('mnist', withTrainer.places)).rejects.toThrow(
      /expected csv:FILE, recorded:FILE, digits; "spikewire eval --help" explains them$/,
    );
  });

  it('that are the bare name of a file get the name with what must stand before it', async () => {
    const problemOf = (address: string) => loadDataSet(address, withTrainer.places).catch((problem) => problem.message);
    expect(await problemOf('a/b.csv')).toMatch(/expected csv:a\/b\.csv for this file, or csv:FILE, /);
    expect(await problemOf('b.jsonl')).toMatch(/expected recorded:b\.jsonl for this file, or csv:FILE, /);
  });

  it('are listed with how they are written and what they are', async () => {
    const rows = await dataRows(withTrainer.places);
    expect(rows.map(([forms]) => forms)).toEqual(['csv:FILE', 'recorded:FILE', 'digits']);
    expect(rows.at(-1)).toEqual(['digits', '8×8']);
  });
});
