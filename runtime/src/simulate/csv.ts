import { SpikewireError } from '@spikewire/models';
import type { DenseSteps } from './dense-steps.ts';

/**
 * Reads a table of numbers: one line per step, one column per element, separated by commas; a first line of names is
 * left out. Throws `file` with the line and column of what is no number.
 */
export function readCsv(text: string): DenseSteps {
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const first = isHeading(lines[0] ?? '') ? 1 : 0;
  const size = (lines[first] ?? '').split(',').length;
  const steps = lines.length - first;
  if (steps === 0) throw new SpikewireError('file', 'CSV', 'has no line of numbers', 'one line per step');
  const values = new Float64Array(steps * size);
  for (let step = 0; step < steps; step++) {
    const cells = lines[first + step]!.split(',');
    const where = `CSV line ${first + step + 1}`;
    if (cells.length !== size) throw new SpikewireError('file', where, `has ${cells.length} columns`, String(size));
    cells.forEach((cell, column) => {
      const value = numberOf(cell);
      if (!Number.isFinite(value)) {
        throw new SpikewireError('file', `${where}, column ${column + 1}`, `is "${shown(cell)}"`, 'a finite number');
      }
      values[step * size + column] = value;
    });
  }
  return { steps, size, values };
}

function isHeading(line: string): boolean {
  return line.trim() !== '' && line.split(',').every((cell) => Number.isNaN(numberOf(cell)));
}

/** The beginning of a cell, with a mark for what cannot be printed: a file of another kind may have anything there. */
function shown(cell: string): string {
  return cell
    .trim()
    .slice(0, 24)
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
}

function numberOf(cell: string): number {
  return cell.trim() === '' ? Number.NaN : Number(cell);
}
