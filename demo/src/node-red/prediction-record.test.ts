import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PredictionRecord, type RecordedPrediction } from './prediction-record.ts';

const FIRST: RecordedPrediction = ['a', 1, 1, false, null];
const SECOND: RecordedPrediction = ['a', 2, 2, true, [21.123456789012344, 44]];

describe('the record of predictions', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spikewire-record-'));
    path = join(folder, 'predictions.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function write(...predictions: readonly RecordedPrediction[]): Promise<PredictionRecord> {
    const record = await PredictionRecord.read(path);
    await record.continueFrom(record.predictions);
    for (const prediction of predictions) record.add(prediction);
    return record;
  }

  it('has what was added before, number for number, without being closed', async () => {
    const record = await write(FIRST, SECOND);
    expect(await PredictionRecord.read(path)).toMatchObject({ predictions: [FIRST, SECOND], complete: false });
    record.close();
  });

  it('goes on from where it is told, and forgets the rest', async () => {
    (await write(FIRST, SECOND)).close();
    const record = await PredictionRecord.read(path);
    await record.continueFrom([FIRST]);
    record.close();
    expect((await PredictionRecord.read(path)).predictions).toEqual([FIRST]);
  });

  it('knows that a replay was complete, until the next one begins', async () => {
    const record = await write(FIRST);
    record.markComplete();
    record.close();
    expect(await PredictionRecord.read(path)).toMatchObject({ predictions: [FIRST], complete: true });
    (await write(SECOND)).close();
    expect(await PredictionRecord.read(path)).toMatchObject({ predictions: [FIRST, SECOND], complete: false });
  });

  it('is cut off anywhere, or damaged, and has the lines that are whole', async () => {
    (await write(FIRST, SECOND)).close();
    const text = await readFile(path, 'utf8');
    const whole = text.indexOf('\n') + 1;
    for (let length = 0; length < text.length; length++) {
      await writeFile(path, text.slice(0, length));
      expect((await PredictionRecord.read(path)).predictions).toEqual(length < whole ? [] : [FIRST]);
    }
    await writeFile(path, '\0\0\nnull\n{}\n');
    await appendFile(path, text);
    expect((await PredictionRecord.read(path)).predictions).toEqual([FIRST, SECOND]);
  });
});
