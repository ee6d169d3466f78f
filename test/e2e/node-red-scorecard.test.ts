import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

/*
 * The rules of the catalogue's scorecard (node-red-dev 0.1.6), which needs the catalogue itself and so the network:
 * here those that a package can be held to on its own, read from the files as its parser reads them.
 */
const PACKAGE = fileURLToPath(new URL('../../nodes', import.meta.url));
const manifest = JSON.parse(read('package.json'));
const nodes = Object.entries(manifest['node-red'].nodes as Record<string, string>);
const LANGUAGES = ['en-US', 'de'];

function read(path: string): string {
  return readFileSync(join(PACKAGE, path), 'utf8');
}

/** The editor's half of a node: every `registerType("<literal>", { … })` in a script of JavaScript, evaluated. */
function registrations(html: string): { type: string; definition: Record<string, unknown> }[] {
  const found: { type: string; definition: Record<string, unknown> }[] = [];
  const RED = {
    nodes: { registerType: (type: string, definition: Record<string, unknown>) => found.push({ type, definition }) },
    validators: { number: () => () => true, typedInput: () => () => true },
  };
  for (const [, script] of html.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs))
    runInNewContext(script!, { RED });
  return found;
}

/** `name.js` → `name.html`, as the scorecard derives it. */
function page(file: string): string {
  return read(file.replace('.js', '.html'));
}

describe('the package in the catalogue', () => {
  it('has a licence (P01), a scoped name (P04), and says what it runs on (P06, P07)', () => {
    expect(manifest.license).toBe('Apache-2.0');
    expect(manifest.name).toMatch(/^@[a-z]+\/node-red-[a-z-]+$/);
    expect(manifest['node-red'].version).toBe('>=4.0.0');
    expect(manifest.engines.node).toBe('>=20');
  });

  it('is found by its keyword (P05)', () => {
    expect(manifest.keywords).toContain('node-red');
  });

  it('has at most two dependencies (D01)', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(2);
  });

  it('sends everything that a node needs', () => {
    const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: PACKAGE,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const sent = new Set((JSON.parse(listing)[0].files as { path: string }[]).map(({ path }) => path));
    for (const [name, file] of nodes) {
      const folder = dirname(file);
      expect(sent).toContain(file);
      expect(sent).toContain(file.replace('.js', '.html'));
      for (const language of LANGUAGES) {
        expect(sent).toContain(`${folder}/locales/${language}/${name}.json`);
        expect(sent).toContain(`${folder}/locales/${language}/${name}.html`);
      }
    }
    for (const path of ['palette/package.json', 'palette/icons/spikewire.svg', 'dist/index.js', 'README.md'])
      expect(sent).toContain(path);
    expect([...sent].filter((path) => path.startsWith('examples/')).length).toBeGreaterThan(0);
  });
});

/** A text with the longest values that its placeholders usually get. */
function filled(text: string): string {
  const values: Readonly<Record<string, string>> = { percent: '100', done: '1023', of: '1024', left: '119 min' };
  return text.replaceAll(/__(\w+)__/g, (placeholder, name) => values[name] ?? placeholder);
}

describe.each(nodes)('the node %s', (name, file) => {
  const [registered, ...others] = registrations(page(file));

  it('is a CommonJS file beside its page, both with its name as a literal (N01)', () => {
    expect(file).toMatch(/\.js$/);
    expect(JSON.parse(read(join(dirname(file), 'package.json'))).type).toBe('commonjs');
    expect(read(file)).toContain(`RED.nodes.registerType('${name}',`);
    expect(page(file)).toContain(`RED.nodes.registerType('${name}', {`);
    expect(others).toEqual([]);
    expect(registered!.type).toBe(name);
    expect(name).toMatch(/^spikewire-/);
  });

  it('is in an example unless it is a configuration (N02)', () => {
    if (registered!.definition.category === 'config') return;
    const folder = join(PACKAGE, 'examples');
    const examples = readdirSync(folder).map((example) => JSON.parse(readFileSync(join(folder, example), 'utf8')));
    expect(examples.flat().some(({ type }: { type: string }) => type === name)).toBe(true);
  });

  it('uses no property that Node-RED has taken', () => {
    const taken = /^([a-z]|id|type|wires|inputs|outputs)$/;
    expect(Object.keys(registered!.definition.defaults as object).filter((property) => taken.test(property))).toEqual(
      [],
    );
  });

  it('has a field for every property, and a help', () => {
    const html = page(file);
    const prefix = registered!.definition.category === 'config' ? 'node-config-input' : 'node-input';
    for (const property of Object.keys(registered!.definition.defaults as object)) {
      expect(html).toContain(`id="${prefix}-${property}"`);
    }
    for (const language of LANGUAGES) {
      const help = read(join(dirname(file), 'locales', language, `${name}.html`));
      expect(help).toContain(`<script type="text/markdown" data-help-name="${name}">`);
      expect(help).toContain('### Details');
    }
  });

  it('has every text in every language, and no status of 20 characters', () => {
    const [first, ...rest] = LANGUAGES.map((language) =>
      texts(JSON.parse(read(join(dirname(file), 'locales', language, `${name}.json`)))),
    );
    for (const other of rest) expect([...other.keys()]).toEqual([...first!.keys()]);
    const used = [...page(file).matchAll(/data-i18n="(?:\[\w+\])?([\w.]+)"|this\._\('([\w.]+)'/g)].map(
      ([, a, b]) => a ?? b!,
    );
    expect(used.filter((key) => !first!.has(key))).toEqual([]);
    for (const catalogue of [first!, ...rest]) {
      for (const [key, text] of catalogue)
        if (key.startsWith('status.')) expect(filled(text).length, text).toBeLessThan(20);
    }
  });

  it('has the icon that it names', () => {
    const { icon } = registered!.definition;
    if (icon !== undefined) expect(existsSync(join(PACKAGE, dirname(file), 'icons', String(icon)))).toBe(true);
  });
});

/** Every text of a catalogue by its path. */
function texts(catalogue: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(catalogue).flatMap(([key, value]) =>
      typeof value === 'string' ? [[path + key, value] as const] : [...texts(value, `${path}${key}.`)],
    ),
  );
}
