// Writes what Node-RED loads from the declarations of nodes/src/palette: for each node the .js that registers it, the
// .html with its form, its help in each language, and its entry in the package's manifest.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { editorPage } from './palette-form.mjs';

/** The package must have been merged. */
export async function writePalette(root) {
  const folder = join(root, 'nodes');
  if (!existsSync(join(folder, 'package.json'))) return;
  const { palette, plugins } = await import(pathToFileURL(join(folder, 'dist/index.js')).href);
  const sources = join(folder, 'src/palette');
  const files = new Map([
    ...palette.flatMap((node) => filesOf(node, sources)),
    ...plugins.flatMap((plugin) => filesOfPlugin(plugin, sources)),
  ]);
  for (const [name, text] of files) replaceText(join(folder, 'palette', name), text);
  for (const name of readdirSync(join(folder, 'palette'))) {
    if (/\.(js|html)$/.test(name) && !files.has(name)) rmSync(join(folder, 'palette', name));
  }
  writeHelps(join(sources, 'help'), join(folder, 'palette/locales'));
  writeEntries(join(folder, 'package.json'), {
    nodes: palette.map(({ type }) => type),
    plugins: plugins.map(({ id }) => id),
  });
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

/** A plugin registers itself in the editor, with its texts by their keys. */
function filesOfPlugin({ id, editor }, sources) {
  const script = readFileSync(join(sources, editor), 'utf8').replace(/^export /m, '');
  const page = `<!-- Written by the build from nodes/src/palette. -->
<script type="text/javascript">
(() => {
${script}
  RED.plugins.registerPlugin('${id}', {
    type: 'spikewire',
    onadd: () => add((key) => RED._(\`@spikewire/node-red-spikewire/${id}:\${key}\`)),
  });
})();
</script>
`;
  const server = `// Written by the build from nodes/src/palette.
module.exports = async (RED) => {
  const { plugins } = await import('../dist/index.js');
  plugins.find(({ id }) => id === '${id}').serve(RED);
  RED.plugins.registerPlugin('${id}', { type: 'spikewire' });
};
`;
  return [
    [`${id}.js`, server],
    [`${id}.html`, page],
  ];
}

/** In a help, a line `{{topics}}` stands for what `topics.html` beside it says, of fields that several nodes have. */
function writeHelps(sources, locales) {
  for (const language of readdirSync(sources)) {
    const read = (name) => readFileSync(join(sources, language, name), 'utf8');
    const names = readdirSync(join(sources, language)).filter((name) => name.startsWith('spikewire-'));
    for (const name of names)
      replaceText(
        join(locales, language, name),
        read(name).replace(/^\{\{(\w+)\}\}\n/gm, (_, shared) => read(`${shared}.html`)),
      );
    for (const name of readdirSync(join(locales, language)))
      if (name.endsWith('.html') && !names.includes(name)) rmSync(join(locales, language, name));
  }
}

function writeEntries(manifest, kinds) {
  let text = readFileSync(manifest, 'utf8');
  for (const [kind, types] of Object.entries(kinds)) {
    const lines = types.map((type) => `      "${type}": "palette/${type}.js"`);
    text = text.replace(new RegExp(`"${kind}": \\{[^}]*\\}`), `"${kind}": {\n${lines.join(',\n')}\n    }`);
  }
  replaceText(manifest, text);
}

function replaceText(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
}
