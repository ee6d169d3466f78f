import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a package may contain beside the folders and files that its manifest names in `files`. */
const TEXTS = ['package.json', 'README.md', 'LICENSE', 'NOTICE'];
/** What helps only in a workspace, and what belongs to whoever works there. */
const PRIVATE = /(?:^|\/)(?:src|node_modules)\/|\.(?:map|tsbuildinfo|log|pem|key)$|\.test(?:-data)?\.|(?:^|\/)\.[^/]+$/;

/**
 * What `npm publish` would do wrong with the package in `folder`, a line each: a declared file that is missing, a file
 * that is no one else's business. It is a dry run: nothing is sent, and no registry is asked.
 */
export function publishProblems(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (manifest.private) return [`${manifest.name}: is private; expected a package that may be published`];
  const sent = filesSent(folder, manifest.name);
  const needed = [...TEXTS, ...declaredFiles(manifest)];
  const allowed = [...TEXTS, ...manifest.files.filter((pattern) => !pattern.startsWith('!'))];
  const isAllowed = (file) => allowed.some((name) => file === name || file.startsWith(`${name}/`));
  return [
    ...needed.filter((file) => !sent.includes(file)).map((file) => `${manifest.name}: ${file} is missing`),
    ...sent
      .filter((file) => PRIVATE.test(file) || !isAllowed(file))
      .map((file) => `${manifest.name}: ${file} would be published`),
  ];
}

function filesSent(folder, name) {
  const words = ['publish', '--dry-run', '--json', '--offline', '--ignore-scripts'];
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 };
  const report = JSON.parse(execFileSync('npm', words, options));
  // From npm 11 on, by the name of the package.
  return (report[name] ?? report).files.map(({ path }) => path);
}

/** Files that other programs look for by what the manifest says: Node, TypeScript, npm, Node-RED, and spikewire. */
function declaredFiles({ exports = {}, bin = {}, spikewire = {}, 'node-red': palette = {} }) {
  const { nodes = {}, plugins = {} } = palette;
  const faces = Object.values(exports).flatMap((face) => (typeof face === 'string' ? face : Object.values(face)));
  const others = [bin, spikewire, nodes, plugins].flatMap((names) => Object.values(names));
  return [...new Set([...faces, ...others].map((file) => file.replace(/^\.\//, '')))];
}
