/** Types of the nodes in this palette, as Node-RED registers them. */
export const nodeTypes: readonly string[] = [];
