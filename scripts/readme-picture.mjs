#!/usr/bin/env node
// Makes docs/page.png, the picture of the README: the test that watches the demo in a real browser writes it there.
// Needs Chromium and a built workspace.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const picture = join(root, 'docs/page.png');
mkdirSync(join(root, 'docs'), { recursive: true });

const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/e2e/picture.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SPIKEWIRE_PICTURE: picture, SPIKEWIRE_REQUIRE: 'chromium' },
  },
);
process.exitCode = status ?? 1;
