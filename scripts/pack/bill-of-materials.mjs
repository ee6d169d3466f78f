import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

/**
 * What a tarball contains, as CycloneDX: `main` is its manifest, `carried` the manifests of all packages inside, also
 * of those that are bundled into a file. `npm sbom` is of no use here: it leaves out packages that are bundled, and
 * packages that the tools of the workspace also need, such as the MQTT client.
 * There is no time and no random number in it, so that the same sources give the same bytes.
 */
export function billOfMaterials(main, carried) {
  const components = carried.map(component).sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { lifecycles: [{ phase: 'build' }], component: { ...component(main), type: 'application' } },
    components,
  };
}

/** Packages whose code the build has taken into one of ours: each has left its licence there. */
export function takenIn(folder) {
  const licences = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.LICENSE'));
  const manifestOf = createRequire(import.meta.url);
  return licences.map((file) => manifestOf(join(basename(file, '.LICENSE').toLowerCase(), 'package.json')));
}

export function readManifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function component({ name, version, description, license }) {
  const url = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    ...(description === undefined ? {} : { description }),
    purl: url,
    licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }],
  };
}
