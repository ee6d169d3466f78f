export { openInfer } from './infer-node.ts';
export { openNet, serveNets } from './net-node.ts';
export type * from './node-red.ts';
