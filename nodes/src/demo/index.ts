export { type NodeRedDemo, type NodeRedDemoOptions, startNodeRedDemo } from './start.ts';
