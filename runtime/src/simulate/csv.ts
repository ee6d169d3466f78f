import { SpikewireError } from '@spikewire/models';
import { type CsvDialect, csvDialect } from '../data/csv-dialect.ts';
import type { DenseSteps } from './dense-steps.ts';

/**
 * Reads a table of numbers: one line per step, one column per element, between commas or semicolons; a first line of
 * names is left out. Throws `file` with the line and column of what is no number.
 */
export function readCsv(text: string): DenseSteps {
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const dialect = csvDialect(lines[0] ?? '');
  const first = isHeading(lines[0] ?? '', dialect) ? 1 : 0;
  const size = dialect.cells(lines[first] ?? '').length;
  const steps = lines.length - first;
  if (steps === 0) throw new SpikewireError('file', 'CSV', 'has no line of numbers', 'one line per step');
  const values = new Float64Array(steps * size);
  for (let step = 0; step < steps; step++) {
    const cells = dialect.cells(lines[first + step]!);
    const where = `CSV line ${first + step + 1}`;
    if (cells.length !== size) throw new SpikewireError('file', where, `has ${cells.length} columns`, String(size));
    cells.forEach((cell, column) => {
      const value = dialect.number(cell);
      if (!Number.isFinite(value)) {
        throw new SpikewireError('file', `${where}, column ${column + 1}`, `is "${shown(cell)}"`, 'a finite number');
      }
      values[step * size + column] = value;
    });
  }
  return { steps, size, values };
}

function isHeading(line: string, { cells, number }: CsvDialect): boolean {
  return line.trim() !== '' && cells(line).every((cell) => Number.isNaN(number(cell)));
}

/** The beginning of a cell, with a mark for what cannot be printed: a file of another kind may have anything there. */
function shown(cell: string): string {
  return cell
    .trim()
    .slice(0, 24)
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
}
