import { describe, expect, it } from 'vitest';
import { formatTable } from './table.ts';

describe('a table', () => {
  it('has words to the left, numbers to the right and nothing behind the last cell', () => {
    const table = formatTable(
      ['node', 'size', ''],
      [
        ['a', '7', 'first'],
        ['bigger', '1200', ''],
        ['c', '', ''],
      ],
    );
    expect(table).toEqual(['  node    size', '  a          7  first', '  bigger  1200', '  c']);
  });
});
