import { describe, expect, it } from 'vitest';
import type { ImportModule } from '../companion.ts';
import type { DataSet } from './data-set.ts';
import { loadDataSet } from './data-sources.ts';

const digits: DataSet = { name: 'digits', classes: ['0'], samples: [], labels: new Int32Array(0) };
const withTrainer: ImportModule = async () => ({
  dataSources: [
    {
      name: 'digits',
      summary: 'digits, 8×8',
      load: async (folder?: string) => ({ ...digits, name: `digits ${folder}` }),
    },
  ],
});
const alone: ImportModule = async () => {
  throw Object.assign(new Error("Cannot find package '@spikewire/trainer'"), { code: 'ERR_MODULE_NOT_FOUND' });
};

describe('data sets by name', () => {
  it('come from the trainer package where it is installed; what stands behind the colon is theirs', async () => {
    expect((await loadDataSet('digits', withTrainer)).name).toBe('digits undefined');
    expect((await loadDataSet('digits:C:/data', withTrainer)).name).toBe('digits C:/data');
  });

  it('that are not known get the names there are', async () => {
    await expect(loadDataSet('digits', alone)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(
        /^--data digits: is not known here; expected csv:FILE, .*; more with the file that npm run pack:trainer makes in the repository of spikewire$/,
      ),
    });
    await expect(loadDataSet('mnist', withTrainer)).rejects.toThrow(/expected csv:FILE, .*; digits, 8×8$/);
  });
});
