// Tables in Markdown, and their places in pages of results: rows that were measured anew change, the others stay.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

/** A table as the formatter of the repository leaves it. */
export function table(head, rows) {
  const widths = head.map((_, k) => Math.max(3, ...[head, ...rows].map((row) => row[k].length)));
  const line = (cells) => `| ${cells.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The tables of a text, their rows as cells by column. */
export function tablesOf(text) {
  return (text.match(/(^\|.*\n?)+/gm) ?? []).map((block) => {
    const cells = block
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const [head, , ...rows] = cells;
    return rows.map((row) => Object.fromEntries(head.map((column, k) => [column, row[k]])));
  });
}

/**
 * A table with new rows in the place of those of the same name, the first cell, of the table before; the others stay.
 * Rows come in the order of `names`; a row with none of these names goes.
 */
export function updatedTable(head, names, rows, before = []) {
  const known = before.map((row) => head.map((column) => row[column] ?? ''));
  const byName = new Map([...known, ...rows].map((row) => [row[0], row]));
  return table(
    head,
    names.flatMap((name) => (byName.has(name) ? [byName.get(name)] : [])),
  );
}

/** The text between the markers of a name on a page of the repository. */
export function standingOn(path, name) {
  return partsOf(path, name).standing;
}

/** Puts a text between these markers. */
export function writeOn(path, name, text) {
  const { before, after } = partsOf(path, name);
  writeFileSync(fileOf(path), `${before}\n\n${text}\n\n${after}`);
}

const fileOf = (path) => fileURLToPath(new URL(path, ROOT));

/** What stands before, between and after the markers, which belong to the outer parts. */
function partsOf(path, name) {
  const page = readFileSync(fileOf(path), 'utf8');
  const [begin, end] = [`<!-- ${name} begin -->`, `<!-- ${name} end -->`];
  const [from, to] = [page.indexOf(begin) + begin.length, page.indexOf(end)];
  if (!page.includes(begin) || to < from) throw new Error(`${path} has no markers of ${name}`);
  return { before: page.slice(0, from), standing: page.slice(from, to), after: page.slice(to) };
}
