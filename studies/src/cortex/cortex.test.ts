import { expect, it } from 'vitest';
import { needs } from '../../../test/services.ts';
import { tablesOf } from '../shared/page.mjs';
import { page } from './cortex.mjs';

// The study itself throws where an answer or a membrane differs from the integer engine, or a score from the sums.
it('gives every answer and membrane of the zoo model on each core, and figures that its weights explain', async (context) => {
  for (const service of ['arm-none-eabi-gcc', 'qemu-system-arm'] as const) needs(context, service);
  const [rows] = tablesOf(await page({ digits: '2' }));
  expect(rows).toHaveLength(9);
  const number = (row: Record<string, string>, column: string) => Number(row[column]!.replaceAll(',', ''));
  for (const row of rows!) {
    expect(number(row, 'constants')).toBeGreaterThan(50_816);
    expect(number(row, 'flash')).toBeLessThan(64 * 1024);
    expect(number(row, 'RAM')).toBeLessThan(10 * 1024);
    // At least one for each pixel.
    expect(number(row, 'instructions')).toBeGreaterThan(784);
  }
  const whole = rows!.filter((row: Record<string, string>) => row.program!.includes('whole numbers'));
  // No floating point of the compiler's library.
  for (const row of whole) expect(number(row, 'library')).toBeLessThan(200);
});
