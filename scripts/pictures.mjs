#!/usr/bin/env node
// Makes the pictures of the documents: the tests that watch the demo, and use the editor of Node-RED, in a real browser
// write them into docs/. Needs Chromium and a built workspace.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/e2e/picture.test.ts', 'test/package/newcomer.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SPIKEWIRE_PICTURES: join(root, 'docs'), SPIKEWIRE_REQUIRE: 'chromium' },
  },
);
process.exitCode = status ?? 1;
