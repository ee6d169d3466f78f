// What the scripts that measure results share: their words, runs that are measured once, and tables in
// trainer/RESULTS.md of which only the rows that were measured anew change.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PAGE = fileURLToPath(new URL('../trainer/RESULTS.md', import.meta.url));
const COMMAND = fileURLToPath(new URL('../runtime/bin/spikewire.js', import.meta.url));
const RECORDINGS = fileURLToPath(new URL('recordings-folders.mjs', import.meta.url));

/**
 * The words of a script that measures with seeds, of all that is known a `kind`, after a data folder if it `readsData`;
 * makes its results folder. Ends the process where they are wrong.
 */
export function wordsOf(script, kind, all, readsData = true) {
  const {
    values: { seeds, table: onlyTable },
    positionals,
  } = parseArgs({
    options: { seeds: { type: 'string', default: '1,2,3' }, table: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [dataFolder, resultsFolder, ...names] = readsData ? positionals : [undefined, ...positionals];
  if (resultsFolder === undefined) {
    const folders = readsData ? '<data folder> <results folder>' : '<results folder>';
    const words = `[--seeds 1,2,3] [--table] ${folders} [${kind}…]`;
    process.stderr.write(`usage: node scripts/${script}.mjs ${words}\n`);
    process.exit(2);
  }
  const chosen = chosenOf(names, all);
  mkdirSync(resultsFolder, { recursive: true });
  const recordingsFolder = () => recordingsIn(resultsFolder, dataFolder);
  return { seeds: seeds.split(',').map(Number), onlyTable, dataFolder, resultsFolder, recordingsFolder, chosen };
}

/** Recordings of the data folder, a folder for each class, written into the results folder where they are missing. */
function recordingsIn(resultsFolder, dataFolder) {
  const folder = join(resultsFolder, 'recordings');
  if (!existsSync(folder)) execFileSync(process.execPath, [RECORDINGS, dataFolder, folder]);
  return folder;
}

/** When and on what something is measured. */
export function measuredHere() {
  return `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0].model.trim()}`;
}

/** What a command of spikewire says with `--json`; its progress goes where that of this process goes. */
export function documentOf(words) {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 26 };
    const child = execFile(process.execPath, [COMMAND, ...words, '--json'], options, (problem, stdout) => {
      if (problem !== null) reject(problem);
      else resolve(JSON.parse(stdout));
    });
    child.stderr.pipe(process.stderr);
  });
}

const pathOf = (folder, name) => join(folder, `${name.replace(/[^\w%.-]+/g, '_')}.json`);

/** The document of a run that was kept in a folder; undefined where there is none. */
export function known(folder, name) {
  const path = pathOf(folder, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** The same, measured where it is not there yet, and then kept as a line of JSON. */
export async function kept(folder, name, measure) {
  if (known(folder, name) === undefined) {
    const document = { ...(await measure()), measured: measuredHere() };
    const path = pathOf(folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.part`, `${JSON.stringify(document)}\n`);
    renameSync(`${path}.part`, path);
  }
  return known(folder, name);
}

/** What is to be measured: all that is known, or what is named. Ends the process where a name is unknown. */
export function chosenOf(names, all) {
  const unknown = names.find((name) => !Object.hasOwn(all, name));
  if (unknown === undefined) return names.length > 0 ? names : Object.keys(all);
  process.stderr.write(`there is no "${unknown}", only ${Object.keys(all).join('; ')}\n`);
  process.exit(2);
}

/** A table as the formatter of the house leaves it. */
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

/** The rows of which something is known, where `rowOf` gives undefined for the others, and how many these are. */
export function knownRows(names, rowOf) {
  const rows = names.map(rowOf).filter((row) => row !== undefined);
  return { rows, unknown: names.length - rows.length };
}

/** Says how many rows of a table stay as they are because the results folder has no document of them. */
export function sayKept(unknown) {
  if (unknown > 0) process.stderr.write(`${unknown} rows have no results here and stay as they are\n`);
}

/**
 * A table with new rows in the place of those of the same name, the first cell, of the table before; the others stay.
 * Rows come in the order of `names`, and what has none of these names is gone.
 */
export function updatedTable(head, names, rows, before = []) {
  const known = before.map((row) => head.map((column) => row[column] ?? ''));
  const byName = new Map([...known, ...rows].map((row) => [row[0], row]));
  return table(
    head,
    names.flatMap((name) => (byName.has(name) ? [byName.get(name)] : [])),
  );
}

/** Rewrites what stands between the markers of a name by what stands there. */
export function updatePage(name, textOf) {
  const page = readFileSync(PAGE, 'utf8');
  const begin = `<!-- ${name} begin`;
  const [from, to] = [page.indexOf('-->', page.indexOf(begin)) + '-->'.length, page.indexOf(`<!-- ${name} end`)];
  if (!page.includes(begin) || to < from) throw new Error(`${PAGE} has no markers of ${name}`);
  writeFileSync(PAGE, `${page.slice(0, from)}\n\n${textOf(page.slice(from, to))}\n\n${page.slice(to)}`);
}
