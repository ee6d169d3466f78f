// Draws mutations: mutation number k of a seed depends on these two and on the sources, so that a run can be resumed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import ts from 'typescript';
import { packages } from '../../scripts/build/typescript.mjs';
import { KINDS, sitesOf } from './sites.mjs';
import { TypedSources } from './types.mjs';

const SOURCE = /^[a-z]+\/(src|kernels)\/.*(?<!\.test|\.test-data|\.generated|\.d)\.ts$/;

/**
 * A change of one place; lines are counted from 1, and are as they stand before and after, without indentation.
 *
 * @typedef {{ package: string, kind: string, file: string, line: number, before: string, after: string,
 *   text: string }} Mutation
 */

/** The same mutation has the same key, also if other lines of its file have changed. */
export const keyOf = ({ file, before, after }) => `${file}: ${before} → ${after}`;

/** The places of the repository in which mutations are drawn. */
export class MutationSites {
  #root;
  #types;
  /** By kind: file and site. */
  #sites = new Map(KINDS.map((kind) => [kind, []]));

  /** Those of one package, if its name is given. */
  constructor(root, only) {
    this.#root = root;
    this.#types = new TypedSources(root);
    for (const folder of packages(root)) {
      if (only === undefined || only === folder) for (const file of sourcesIn(root, folder)) this.#add(file);
    }
  }

  #add(file) {
    const text = readFileSync(join(this.#root, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    for (const site of sitesOf(source)) this.#sites.get(site.kind).push({ file, text, site });
  }

  /** How many places there are of each kind, before their types are known. */
  get counts() {
    return Object.fromEntries([...this.#sites].map(([kind, sites]) => [kind, sites.length]));
  }

  /**
   * Kinds take turns; every place of a kind is equally likely. What does not compile, or is in `taken` (`keyOf`), is
   * drawn again.
   *
   * @returns {Mutation}
   */
  draw(seed, number, taken = new Set()) {
    const kind = KINDS[number % KINDS.length];
    const sites = this.#sites.get(kind);
    const random = new RandomGenerator(seed, `mutation ${number}`);
    for (;;) {
      const { file, text, site } = sites[random.nextInteger(sites.length)];
      const mutation = mutationOf(file, text, site);
      if (taken.has(keyOf(mutation))) continue;
      if (this.#types.makesSense(file, site) && this.#types.compiles(file, mutation.text)) return mutation;
    }
  }

  /**
   * The mutations of a file that `isWanted` accepts and that compile.
   *
   * @param {(mutation: Mutation) => boolean} isWanted
   * @returns {Mutation[]}
   */
  ofFile(file, isWanted) {
    const all = [...this.#sites.values()].flat().filter((place) => place.file === file);
    const mutations = all.map(({ text, site }) => ({ site, mutation: mutationOf(file, text, site) }));
    return mutations
      .filter(({ mutation }) => isWanted(mutation))
      .filter(({ site, mutation }) => this.#types.makesSense(file, site) && this.#types.compiles(file, mutation.text))
      .map(({ mutation }) => mutation);
  }
}

function sourcesIn(root, folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((file) => `${folder}/${file}`)
    .filter((file) => SOURCE.test(file))
    .sort();
}

function mutationOf(file, original, { kind, start, end, change }) {
  const text = original.slice(0, start) + change + original.slice(end);
  const from = original.lastIndexOf('\n', start - 1) + 1;
  const lines = (whole, last) => whole.slice(from, `${whole}\n`.indexOf('\n', last)).trim().replace(/\s+/g, ' ');
  return {
    package: file.split('/')[0],
    kind,
    file,
    line: original.slice(0, start).split('\n').length,
    before: lines(original, end),
    after: lines(text, start + change.length),
    text,
  };
}
