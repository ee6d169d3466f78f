import { describe, expect, it } from 'vitest';
import { ProgressLine } from './progress-line.ts';

describe('progress of a training', () => {
  it('tells loss, accuracy, speed and what is left', () => {
    let now = 1000;
    const line = new ProgressLine(() => now);
    now += 500;
    // 100 samples in half a second; 9 batches of this epoch and two epochs of 10 are left.
    expect(
      line.batch(
        { epoch: 1, batch: 1, batches: 10, size: 100, score: { loss: 2.30261, accuracy: 0.125 } },
        { epochs: 3 },
      ),
    ).toBe('epoch 1/3 ██░░░░░░░░░░░░░░░░░░  loss 2.3026  accuracy 12.50 %  200 samples/s  ETA 0:15');
  });

  it('after a resume counts its own steps only', () => {
    let now = 0;
    const line = new ProgressLine(() => now);
    now += 1000;
    expect(
      line.batch({ epoch: 2, batch: 9, batches: 10, size: 50, score: { loss: 0, accuracy: 1 } }, { epochs: 2 }),
    ).toMatch(/50 samples\/s {2}ETA 0:01$/);
  });

  it('names what scores are', () => {
    const line = new ProgressLine(() => 1000);
    const record = { epoch: 1, training: { loss: 1, accuracy: 0.5 }, validation: { loss: 2, accuracy: 0.25 } };
    const shown = (scoreName: 'overlap' | 'correlation') => line.epoch(record, { epochs: 1, scoreName });
    expect(shown('overlap')).toContain('loss 1.0000 overlap 50.00 %  validation loss 2.0000 overlap 25.00 %');
    expect(shown('correlation')).toContain('loss 1.0000 correlation 0.5000  validation loss 2.0000 correlation 0.2500');
  });

  it('keeps a line per epoch', () => {
    let now = 0;
    const line = new ProgressLine(() => now);
    now += 65_400;
    const score = { loss: 0.5, accuracy: 0.9 };
    expect(line.epoch({ epoch: 1, training: score, validation: { loss: 0.25, accuracy: 0.95 } }, { epochs: 2 })).toBe(
      'epoch 1/2  loss 0.5000 accuracy 90.00 %  validation loss 0.2500 accuracy 95.00 %  1:05',
    );
  });
});
