// The site of a study: its options and chosen rows, and a folder that keeps the document of each run.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measuredHere } from './spikewire.mjs';

/** Options of every study: the value without the option, and what the option means. */
export const COMMON = {
  data: { default: '../shared/data', help: 'folder with the public data' },
  results: { default: 'run/<name>', help: 'folder that keeps models and the document of each run' },
};
const SWITCHES = {
  quick: 'a small form in minutes, which prints its tables and changes no page',
  table: 'measure nothing, and write the tables from the results folder',
};

/** Reads the words of a command line; throws where they are wrong. */
export function siteOf(name, module, words) {
  const options = { ...COMMON, ...module.options };
  const known = [...Object.keys(options).map((option) => [option, 'string']), ...switchesOf(module)];
  const { values, positionals } = parseArgs({
    args: words,
    options: Object.fromEntries(known.map(([option, type]) => [option, { type }])),
    allowPositionals: true,
  });
  const isQuick = values.quick ?? false;
  const standard = ({ default: usual, quick = usual }) => (isQuick ? quick : usual);
  const given = Object.entries(options).map(([option, each]) => [option, values[option] ?? standard(each)]);
  const { data, results, seeds, ...others } = Object.fromEntries(given);
  return new Site({
    ...others,
    isQuick,
    onlyTable: values.table ?? false,
    data: resolve(data),
    folder: resolve(results.replace('<name>', isQuick ? `${name}-quick` : name)),
    ...chosenOf(positionals, (isQuick && module.quickRows) || module.rows),
    ...(seeds && { seeds: seeds.split(',').map(Number) }),
  });
}

const switchesOf = ({ steps }) =>
  (steps === undefined ? ['quick'] : ['quick', 'table']).map((name) => [name, 'boolean']);

/** All rows, and the names of those to measure. Without rows the words are the study's own. */
function chosenOf(words, rows) {
  if (rows === undefined) return { words };
  const unknown = words.find((name) => !Object.hasOwn(rows, name));
  if (unknown !== undefined) throw new Error(`there is no "${unknown}", only ${Object.keys(rows).join('; ')}`);
  return { rows, chosen: words.length > 0 ? words : Object.keys(rows) };
}

/** The lines of help of a study's options. */
export function helpOf(module) {
  const options = Object.entries({ ...COMMON, ...module.options }).map(([option, { default: usual, help }]) => [
    `--${option} <${usual}>`,
    help,
  ]);
  const switches = switchesOf(module).map(([option]) => [`--${option}`, SWITCHES[option]]);
  return [...options, ...switches].map(([option, help]) => `  ${option.padEnd(26)} ${help}\n`).join('');
}

export class Site {
  /** How many of the chosen rows have no results yet. */
  unknown = 0;

  constructor(parts) {
    Object.assign(this, parts);
  }

  /** The path of a run's files, without their ending. */
  path(name) {
    return join(this.folder, name.replace(/[^\w%.-]+/g, '_'));
  }

  /** The document of a run; undefined before it is measured. */
  known(name) {
    const path = `${this.path(name)}.json`;
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  }

  /** The document of a run, which is measured only once, and then kept as a line of JSON. */
  async kept(name, measure) {
    if (this.known(name) === undefined) {
      mkdirSync(this.folder, { recursive: true });
      const document = { ...(await measure()), measured: measuredHere() };
      const path = `${this.path(name)}.json`;
      writeFileSync(`${path}.part`, `${JSON.stringify(document)}\n`);
      renameSync(`${path}.part`, path);
    }
    return this.known(name);
  }

  /** Cells of the rows that have results, where `rowOf` gives undefined for the others. */
  rowsKnown(names, rowOf) {
    const rows = names.map(rowOf).filter((row) => row !== undefined);
    this.unknown = names.length - rows.length;
    return rows;
  }
}
