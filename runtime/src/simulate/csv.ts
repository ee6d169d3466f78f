import { SpikewireError } from '@spikewire/models';
import { type CsvDialect, csvDialect } from '../data/csv-dialect.ts';
import type { DenseSteps } from './dense-steps.ts';

/**
 * Reads a table of numbers: one line per step, one column per element, between commas or semicolons; a first line of
 * names is left out. Throws `file` with the line and column of what is no number, and `budget` where there are more
 * than `most` numbers.
 */
export function readCsv(text: string, most = Number.POSITIVE_INFINITY): DenseSteps {
  const table = text.trimEnd();
  const [heading = '', below = ''] = linesIn(table);
  const dialect = csvDialect(heading);
  const first = isHeading(heading, dialect) ? 1 : 0;
  const steps = table === '' ? 0 : countLines(table) - first;
  if (steps === 0) throw new SpikewireError('file', 'CSV', 'has no line of numbers', 'one line per step');
  const size = dialect.cells(first === 0 ? heading : below).length;
  // A number has a character and an end at least: where all lines had as many as the first, there are no more.
  const numbers = Math.min(steps * size, Math.ceil(table.length / 2));
  if (numbers > most) throw new SpikewireError('budget', 'CSV', `has ${numbers} numbers`, `at most ${most}`);
  const values = new Float64Array(numbers);
  let step = -first;
  for (const line of linesIn(table)) {
    if (step >= 0) readStep(line, step);
    step++;
  }
  return { steps, size, values };

  function readStep(line: string, step: number): void {
    const cells = dialect.cells(line);
    const where = `CSV line ${first + step + 1}`;
    if (cells.length !== size) throw new SpikewireError('file', where, `has ${cells.length} columns`, String(size));
    for (let column = 0; column < size; column++) {
      const value = dialect.number(cells[column]!);
      if (!Number.isFinite(value)) {
        const place = `${where}, column ${column + 1}`;
        throw new SpikewireError('file', place, `is "${shown(cells[column]!)}"`, 'a finite number');
      }
      values[step * size + column] = value;
    }
  }
}

/** Line by line: a list of all of them would take many times the text. */
function* linesIn(text: string): Generator<string> {
  for (let at = 0; at <= text.length; ) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    yield text.slice(at, text[end - 1] === '\r' ? end - 1 : end);
    at = end + 1;
  }
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
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
