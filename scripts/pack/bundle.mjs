import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readManifestIn } from './bill-of-materials.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Writes the installed package `name` and all it needs as one minified file into `folder`, with a package.json of the
 * same name and version and the licence texts of everything that went in. It exports what the package exports.
 * Returns the manifests of the packages that went in, its own among them.
 */
export async function bundlePackage(name, folder) {
  const { description, version, license } = createRequire(import.meta.url)(`${name}/package.json`);
  const names = Object.keys(await import(name)).filter((key) => key !== '__esModule' && key !== 'module.exports');
  const { metafile } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from '${name}';\n`, resolveDir: root },
    // An ES module even where the package is CommonJS: to import that, Node 20 loads a lexer, and 12 MB stay with it.
    format: 'esm',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    absWorkingDir: root,
    outfile: join(folder, 'index.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    // Packages that others try for and do without; what a workspace happens to have must not change the bundle.
    external: ['supports-color', 'bufferutil', 'utf-8-validate'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const manifest = { name, version, description, license, type: 'module', exports: './index.js' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const parts = partsOf(metafile);
  writeFileSync(join(folder, 'LICENSES'), licenceTexts(parts));
  return parts.map(({ manifest }) => manifest);
}

/** The packages that went into a bundle, each by its folder and manifest. */
function partsOf(metafile) {
  const folders = new Set(
    Object.keys(metafile.inputs)
      .map(packageFolder)
      .filter((folder) => folder !== undefined),
  );
  return [...folders].sort().map((folder) => ({ folder, manifest: readManifestIn(folder) }));
}

function licenceTexts(parts) {
  return parts
    .map(({ folder, manifest: { name, version, license } }) => {
      return `${name} ${version} (${license})\n\n${licenceText(folder, name)}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of the package that the bundled file `input` belongs to; none for esbuild's own entry. */
function packageFolder(input) {
  for (let folder = dirname(resolve(root, input)); folder.includes('node_modules'); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    // A package.json without a name only marks a folder's module kind.
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name !== undefined) return folder;
  }
  return undefined;
}

function licenceText(folder, name) {
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim();
  const readme = readdirSync(folder).find((entry) => /^readme/i.test(entry));
  const section = readme && /^#+ *licen[cs]e[\s\S]*/im.exec(readFileSync(join(folder, readme), 'utf8'))?.[0];
  if (!section) throw new Error(`${name}: no licence text found; expected one, because the bundle must carry it`);
  return section.trim();
}
