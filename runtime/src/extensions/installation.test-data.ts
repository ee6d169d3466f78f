import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ExtensionPlaces } from './packages.ts';

/** A folder with spikewire in `home` and a project in `project`, both without dependencies at first. */
export class Installation {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'spikewire-extensions-')));
  readonly home = join(this.root, 'install');
  /** Above the project. */
  readonly above = join(this.root, 'above');
  readonly project = join(this.above, 'project');
  readonly places: ExtensionPlaces = { home: this.home, folder: this.project, named: [] };

  constructor() {
    this.write(this.home, { name: 'spikewire' });
    this.write(this.project, { name: 'project' });
  }

  /** A package.json and more files, by their paths. */
  write(folder: string, manifest: object | string, files: Readonly<Record<string, string>> = {}): void {
    const texts = { ...files, 'package.json': typeof manifest === 'string' ? manifest : JSON.stringify(manifest) };
    for (const [path, content] of Object.entries(texts)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }

  /** Packages that `folder` names as its dependencies and has installed, each with the field `spikewire` and files. */
  install(folder: string, packages: Readonly<Record<string, Brings>>, field = 'dependencies'): void {
    const names = Object.fromEntries(Object.keys(packages).map((name) => [name, '*']));
    this.write(folder, { name: basename(folder), [field]: names });
    for (const [name, { files, ...manifest }] of Object.entries(packages)) {
      this.write(join(folder, 'node_modules', name), { name, version: '1.0.0', type: 'module', ...manifest }, files);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

export interface Brings {
  readonly spikewire?: unknown;
  readonly files?: Readonly<Record<string, string>>;
}

/** A package with one module, which brings a kind of things and says that it was loaded in a file beside it. */
export function bringing(field: string, exported: string, entries: string, imports = ''): Brings {
  const loaded = "import { writeFileSync } from 'node:fs';\nwriteFileSync(new URL('./loaded', import.meta.url), '');\n";
  const module = `${imports}${loaded}export const ${exported} = ${entries};\n`;
  return { spikewire: { [field]: './index.js' }, files: { 'index.js': module } };
}

/** A driver of a sensor with one channel that is 1. */
export function sensorText(scheme: string, more = ''): string {
  return `[{
    scheme: '${scheme}',
    summary: 'made up',
    settings: { rate: 'samples per second' },
    list: async () => [{ address: '${scheme}:a', name: 'a', channels: [{ name: 'x', unit: '' }] }],
    async open(name, settings) {
      settings.number('rate', { minimum: 1, maximum: 1000 });
      const channels = [{ name: 'x', unit: '' }, { name: 'y', unit: '' }];
      const description = { address: '${scheme}:' + name, name, channels };
      return { description, read: async () => Float64Array.of(1, 2) };
    },
    ${more}
  }]`;
}
