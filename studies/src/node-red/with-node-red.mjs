import { withTypeScript } from '@spikewire/test/typescript.mjs';

const PROCESS = new URL('../../../test/e2e/node-red-process.ts', import.meta.url);

/** Gives `use` a Node-RED with a flow, and modules in TypeScript; `install` prepares its folder, if not as usual. */
export function withNodeRed(flow, use, { modules = [], install = [] } = {}) {
  return withTypeScript([PROCESS, ...modules], async ({ NodeRedProcess, OWN }, ...loaded) => {
    const nodeRed = await NodeRedProcess.start(OWN, flow, ...install);
    try {
      return await use(nodeRed, Object.assign({}, ...loaded));
    } catch (failure) {
      process.stderr.write(`${nodeRed.output.slice(-2000)}\n`);
      throw failure;
    } finally {
      await nodeRed.close();
    }
  });
}
