#!/usr/bin/env node
// Walks through the guide as somebody who has nothing but a packed file: a new home, a folder with what npm installs
// from the file, as `nobody` where root asks, and each page's commands as they stand there. Prints how long each took.
// Needs a built workspace, mosquitto, and the registry for what the file for a computer leaves to it.
//
//   node scripts/guide-walk.mjs              all pages
//   node scripts/guide-walk.mjs vibration    one
import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTypeScript } from '../test/typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What each page is done with: the file for devices or that for computers, which train and convert. */
const PAGES = {
  'watch-a-sensor': 'device',
  'recognise-states': 'device',
  vibration: 'trainer',
  'home-assistant': 'device',
  statestream: 'device',
  'own-sensor': 'device',
  onnx: 'trainer',
  nir: 'trainer',
};
const LONGEST = 300_000;
const nobody = process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const asked = process.argv.slice(2);
const pages = Object.keys(PAGES).filter((page) => asked.length === 0 || asked.includes(page));
const work = mkdtempSync(join(tmpdir(), 'spikewire-walk-'));
const own = (path) => nobody.uid !== undefined && chownSync(path, nobody.uid, nobody.gid);

/** A folder of the user, which is new. */
function folderOf(...names) {
  const path = join(work, ...names);
  mkdirSync(path, { recursive: true });
  own(path);
  return path;
}

function say(milliseconds, what) {
  console.log(`${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${what}`);
}

/** A folder with what npm makes of a packed file. */
function installed(what, env) {
  const packed = execFileSync(process.execPath, [join(root, 'scripts/pack.mjs'), what, join(work, 'pack')]);
  const folder = folderOf(what);
  const file = join(folder, basename(String(packed).trim()));
  cpSync(String(packed).trim(), file);
  own(file);
  const words = [...(what === 'device' ? ['--offline'] : []), '--ignore-scripts'];
  const began = performance.now();
  execFileSync('npm', ['install', ...words, `./${basename(file)}`], { cwd: folder, env, stdio: 'pipe', ...nobody });
  say(performance.now() - began, `npm install ${[...words, basename(file)].join(' ')}`);
  return folder;
}

async function walk({ GuideReader }, { startMosquitto }) {
  own(work);
  // Only where programs are, and a home that has nothing in it.
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: folderOf('home'),
    LANG: 'C.UTF-8',
  };
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`,
    nobody.uid === undefined ? 'as the user' : 'as nobody',
  );
  const folders = new Map();
  const totals = [];
  for (const page of pages) {
    const what = PAGES[page];
    if (!folders.has(what)) folders.set(what, installed(what, env));
    const folder = folders.get(what);
    console.log(`\n${page}.md`);
    const broker = await startMosquitto();
    const began = performance.now();
    const onStep = ({ kind, text, milliseconds }) => {
      if (kind.startsWith('sh') || kind === 'text')
        say(milliseconds, `${kind === 'text' ? 'until it says: ' : ''}${text.trim().split('\n')[0]}`);
    };
    const reader = new GuideReader({ folder, broker, longest: LONGEST, spawning: { env, ...nobody }, onStep });
    try {
      await reader.read(`${page}.md`);
    } finally {
      await reader.close();
      await broker.close();
    }
    totals.push([page, performance.now() - began]);
    for (const name of readdirSync(folder)) {
      const isNpms = ['node_modules', 'package.json', 'package-lock.json'].includes(name) || name.endsWith('.tgz');
      if (!isNpms) rmSync(join(folder, name), { recursive: true });
    }
  }
  console.log('\nin all');
  for (const [page, milliseconds] of totals) say(milliseconds, `${page}.md`);
}

try {
  const modules = ['guide-reader.ts', 'mosquitto.ts'].map((name) => new URL(`../test/e2e/${name}`, import.meta.url));
  await withTypeScript(modules, walk);
} finally {
  rmSync(work, { recursive: true, force: true });
}
