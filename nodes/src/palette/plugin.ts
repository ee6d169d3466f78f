import type { NodeRed } from '../node-red.ts';

/** A part of the editor that is no node. From this the build makes what Node-RED loads, as from a node. */
export interface PalettePlugin {
  readonly id: string;
  /**
   * A file of this folder with a function `add(text)`, which the browser runs when the editor opens; `text` translates.
   */
  readonly editor: string;
  /** Once, when Node-RED starts. */
  serve(RED: NodeRed): void;
}
