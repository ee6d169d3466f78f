import type { Value } from '../graph/operations/value.ts';
import type { LoweredGraph } from '../lowering/lower.ts';

/** What is added to the loss, a scalar, for how the net works and not for what it answers. */
export type Regulariser = (net: LoweredGraph) => Value;
