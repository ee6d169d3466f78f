import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

/** Imports modules in TypeScript, and gives them to `use`: Node 20 has no other way for a command outside of vitest. */
export async function withTypeScript(urls, use) {
  const server = await createViteServer({
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    ssr: { external: true },
  });
  try {
    const modules = [];
    for (const url of urls) modules.push(await server.ssrLoadModule(fileURLToPath(url)));
    return await use(...modules);
  } finally {
    await server.close();
  }
}
