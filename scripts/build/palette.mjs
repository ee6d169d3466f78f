// Writes what Node-RED loads from the declarations of nodes/src/palette: for each node the .js that registers it, the
// .html with its form, and its entry in the package's manifest.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { editorPage } from './palette-form.mjs';

/** The package must have been merged. */
export async function writePalette(root) {
  const folder = join(root, 'nodes');
  if (!existsSync(join(folder, 'package.json'))) return;
  const { palette } = await import(pathToFileURL(join(folder, 'dist/index.js')).href);
  const files = new Map(palette.flatMap((node) => filesOf(node, join(folder, 'src/palette'))));
  for (const [name, text] of files) replaceText(join(folder, 'palette', name), text);
  for (const name of readdirSync(join(folder, 'palette'))) {
    if (/\.(js|html)$/.test(name) && !files.has(name)) rmSync(join(folder, 'palette', name));
  }
  writeEntries(join(folder, 'package.json'), palette);
}

function filesOf(node, sources) {
  const editor = node.editor === undefined ? '' : readFileSync(join(sources, node.editor), 'utf8');
  return [
    [`${node.type}.js`, registration(node)],
    [`${node.type}.html`, editorPage(node, editor)],
  ];
}

/** The type stands there as a literal, which the checks of Node-RED's catalogue look for. */
const registration = ({ type, serve }) => `// Written by the build from nodes/src/palette.
module.exports = async (RED) => {
  const { paletteNodeOf } = await import('../dist/index.js');
  const declared = paletteNodeOf('${type}');

  RED.nodes.registerType('${type}', function (configuration) {
    RED.nodes.createNode(this, configuration);
    declared.open(RED, this, configuration);
  });
${serve === undefined ? '' : '  declared.serve(RED);\n'}};
`;

function writeEntries(manifest, palette) {
  const lines = palette.map(({ type }) => `      "${type}": "palette/${type}.js"`);
  const text = readFileSync(manifest, 'utf8');
  replaceText(manifest, text.replace(/"nodes": \{[^}]*\}/, `"nodes": {\n${lines.join(',\n')}\n    }`));
}

function replaceText(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
}
