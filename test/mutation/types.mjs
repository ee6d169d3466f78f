// Which mutations make sense and compile: asks TypeScript, one service for each project of the repository.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const NUMBER = ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike;

/** The sources under `root`, with their types. */
export class TypedSources {
  #root;
  #projects = new Map();

  constructor(root) {
    this.#root = root;
  }

  /** Whether the site is one of numbers, or of operands that can be exchanged; `file` from the root. */
  makesSense(file, { start, end, kind, numbers, alike, logic }) {
    const { program, source } = this.#open(file);
    const checker = program.getTypeChecker();
    const typeOf = (node) => checker.getTypeAtLocation(sameNode(source, node));
    if (numbers !== undefined) return numbers.every((node) => isNumber(typeOf(node)));
    if (logic !== undefined) return !isText(typeOf(logic));
    if (alike === undefined) return kind === 'constant' && end > start;
    const [first, second] = alike.map(typeOf);
    return checker.isTypeAssignableTo(first, second) && checker.isTypeAssignableTo(second, first);
  }

  /** Whether the file compiles with this text. */
  compiles(file, text) {
    const project = this.#project(file);
    project.mutated = { path: join(this.#root, file), text };
    project.version++;
    try {
      const { service, mutated } = project;
      const problems = [
        ...service.getSyntacticDiagnostics(mutated.path),
        ...service.getSemanticDiagnostics(mutated.path),
      ];
      return problems.length === 0;
    } finally {
      project.mutated = undefined;
      project.version++;
    }
  }

  #open(file) {
    const program = this.#project(file).service.getProgram();
    return { program, source: program.getSourceFile(join(this.#root, file)) };
  }

  #project(file) {
    const folder = projectFolder(this.#root, file);
    if (!this.#projects.has(folder)) this.#projects.set(folder, openProject(folder));
    return this.#projects.get(folder);
  }
}

const isNumber = (type) => (type.flags & NUMBER) !== 0 || (type.isUnion() && type.types.every(isNumber));
const isText = (type) => (type.flags & ts.TypeFlags.StringLike) !== 0 || (type.isUnion() && type.types.some(isText));

/** The node of another tree of the same text. */
function sameNode(source, { pos, end, kind }) {
  const find = (node) => {
    if (node.pos === pos && node.end === end && node.kind === kind) return node;
    return ts.forEachChild(node, (child) => (child.pos <= pos && child.end >= end ? find(child) : undefined));
  };
  return find(source);
}

/** The nearest folder above the file that has a tsconfig.json. */
function projectFolder(root, file) {
  let folder = dirname(join(root, file));
  while (!existsSync(join(folder, 'tsconfig.json'))) folder = dirname(folder);
  return folder;
}

function openProject(folder) {
  const read = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { fileNames, options, projectReferences } = ts.parseJsonConfigFileContent(read.config, ts.sys, folder);
  const project = { mutated: undefined, version: 0 };
  const unchanged = new Map();
  const snapshot = (path) => {
    if (project.mutated?.path === path) return ts.ScriptSnapshot.fromString(project.mutated.text);
    if (!unchanged.has(path)) unchanged.set(path, ts.ScriptSnapshot.fromString(ts.sys.readFile(path) ?? ''));
    return unchanged.get(path);
  };
  project.service = ts.createLanguageService({
    getScriptFileNames: () => fileNames,
    getScriptVersion: (path) => (project.mutated?.path === path ? String(project.version) : '0'),
    getScriptSnapshot: (path) => (ts.sys.fileExists(path) ? snapshot(path) : undefined),
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getProjectReferences: () => projectReferences,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return project;
}
