// Which tests reach a source by imports, the nearest first.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { packages } from '../../scripts/build/typescript.mjs';

const MODULE = /(?<!\.d)\.(ts|mjs|js)$/;
const LEFT_OUT = /(^|\/)(dist|node_modules)(\/|$)/;
/** What the build makes of kernels, and their sources. */
const KERNELS = new Map([
  ['engine/src/clocked/kernels/kernels.generated.ts', 'engine/kernels/index.ts'],
  ['trainer/src/events/kernels.generated.wasm', 'trainer/kernels/index.ts'],
]);
/** What is named, and from where; types are no imports. */
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:([^'";]*?)\s+from\s+)?'([^']+)';/gm;
/** What is loaded when it is needed, or started by its path: a thread or the command. */
const PATH = /(?:import\(|URL\()\s*'([^']+)'/g;
const EXPORTED = /^export (?:declare |abstract |async )*(?:const|let|function\*?|class|enum) (\w+)/gm;
const TYPE_OF_KIND = /^ {2}type: '(\w+)'/gm;

/** The imports of a repository; those of other packages lead to their sources, not to what is built. */
export class ImportGraph {
  #root;
  /** The source behind `@spikewire/models` and so on. */
  #faces;
  /** By public face: where the names come from that it exports. */
  #origins = new Map();
  #importers = new Map();

  constructor(root) {
    this.#root = root;
    this.#faces = new Map(packages(root).flatMap((folder) => facesOf(root, folder)));
    const modules = [...packages(root), 'studies', 'test'].flatMap((folder) => modulesBelow(root, folder));
    for (const file of modules) for (const imported of this.#importsOf(file)) this.#add(file, imported);
  }

  /**
   * Those of `tests` that reach a module: its own first, the others by the number of imports between. Tests of its
   * folder and package, and those that mention what it exports or the type that it defines, come as if fewer imports
   * were between; of two as near, the one that mentions more.
   *
   * @returns {string[]}
   */
  testsOf(module, tests) {
    const distances = this.#distancesTo(module);
    const mention = this.#mentionOf(module);
    const own = module.replace(/\.ts$/, '.test.ts');
    const nearness = (test) => {
      const mentions = [...this.#read(test).matchAll(mention)].length;
      const near = Math.min(3, sharedFolders(test, module)) + (mentions > 0 ? 3 : 0) - distances.get(test);
      return { test, near: test === own ? Number.POSITIVE_INFINITY : near, mentions };
    };
    const reaching = tests.filter((test) => distances.has(test)).map(nearness);
    reaching.sort((a, b) => (a.near === b.near ? b.mentions - a.mentions : b.near - a.near));
    return reaching.map(({ test }) => test);
  }

  #distancesTo(module) {
    const distances = new Map([[module, 0]]);
    for (const [file, distance] of distances) {
      for (const importer of this.#importers.get(file) ?? []) {
        if (!distances.has(importer)) distances.set(importer, distance + 1);
      }
    }
    return distances;
  }

  #mentionOf(module) {
    const types = [...this.#read(module).matchAll(TYPE_OF_KIND)].map(([, type]) => type);
    const names = [...this.#namesOf(module), ...types];
    return names.length === 0 ? /$^/g : new RegExp(`\\b(${names.join('|')})\\b`, 'g');
  }

  #add(file, imported) {
    if (!this.#importers.has(imported)) this.#importers.set(imported, new Set());
    this.#importers.get(imported).add(file);
  }

  #importsOf(file) {
    const text = this.#read(file);
    const imports = [...text.matchAll(IMPORT)].flatMap(([, clause, specifier]) => {
      const target = this.#resolve(file, specifier);
      if (target === undefined) return [];
      const names = valuesNamedIn(clause);
      return names.length === 0 ? [target] : names.map((name) => this.#originsOf(target).get(name) ?? target);
    });
    const paths = [...text.matchAll(PATH)].flatMap(([, path]) => this.#resolve(file, path) ?? []);
    return new Set([...imports, ...paths]);
  }

  /** From where a public face has its names; empty for any other module. */
  #originsOf(face) {
    if (!this.#origins.has(face))
      this.#origins.set(face, new Map(face.endsWith('/index.ts') ? this.#reexports(face) : []));
    return this.#origins.get(face);
  }

  *#reexports(face) {
    for (const [, clause, specifier] of this.#read(face).matchAll(IMPORT)) {
      const target = this.#resolve(face, specifier);
      if (target === undefined) continue;
      const names = clause === '*' ? this.#namesOf(target) : valuesNamedIn(clause);
      for (const name of names) yield [name, target];
    }
  }

  #namesOf(module) {
    return [...this.#read(module).matchAll(EXPORTED)].map(([, name]) => name);
  }

  #resolve(file, specifier) {
    if (!specifier.startsWith('.')) return this.#faces.get(specifier);
    const path = join(dirname(file), specifier);
    if (KERNELS.has(path)) return KERNELS.get(path);
    // Threads are named as they are built, kernels without an ending, and the page by its folder.
    const candidates = [path, path.replace(/\.js$/, '.ts'), `${path}.ts`, `${path}/main.ts`];
    return candidates.find((candidate) => MODULE.test(candidate) && existsSync(join(this.#root, candidate)));
  }

  #read(file) {
    return readFileSync(join(this.#root, file), 'utf8');
  }
}

/**
 * The files of tests, those of vitest's project `long` only if asked for.
 *
 * @returns {string[]}
 */
export function testFiles(root, { long }) {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-tests-'));
  try {
    const list = join(folder, 'files.json');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    execFileSync(process.execPath, [vitest, 'list', '--filesOnly', `--json=${list}`], { cwd: root, stdio: 'pipe' });
    const files = JSON.parse(readFileSync(list, 'utf8'));
    return files.filter(({ projectName }) => long || projectName !== 'long').map(({ file }) => relative(root, file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function facesOf(root, folder) {
  const { name, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const built = Object.entries(exports).filter(([, face]) => face.default !== undefined);
  const sourceOf = (file) => join(folder, file.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'));
  return built.map(([face, { default: file }]) => [join(name, face), sourceOf(file)]);
}

function modulesBelow(root, folder) {
  const files = readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file));
  return files.filter((file) => MODULE.test(file) && !LEFT_OUT.test(file));
}

/** The names between the braces of an import, as they are called where they come from. */
function valuesNamedIn(clause = '') {
  const named = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
  const values = named.split(',').map((name) => name.trim());
  return values.filter((name) => name !== '' && !name.startsWith('type ')).map((name) => name.split(' as ')[0]);
}

function sharedFolders(one, other) {
  const [a, b] = [one.split('/'), other.split('/')];
  const different = a.findIndex((name, k) => name !== b[k]);
  return different === -1 ? a.length : different;
}
