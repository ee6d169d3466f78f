import type { Check, CheckResult } from './check.ts';

const LEAST_NODE = 20;

/** Whether Node is new enough. */
export const node: Check = {
  name: 'node',
  look: async () => judgeNode(process.versions.node, `${process.platform} ${process.arch}`),
};

export function judgeNode(version: string, machine: string): CheckResult {
  const found = `Node ${version} on ${machine}`;
  if (Number(version.split('.')[0]) >= LEAST_NODE) return { state: 'ok', found };
  return {
    state: 'bad',
    found,
    advice: `install Node ${LEAST_NODE} or newer: nvm install --lts, or https://nodejs.org`,
  };
}
