import { type FieldTable, type FieldValues, readFields } from '../field.ts';
import type { NodeConfiguration, NodeRed, RuntimeNode } from '../node-red.ts';
import { inPlainWords } from '../plain-words.ts';

/**
 * A node of Node-RED. From this the build makes what Node-RED loads: `palette/<type>.js`, the form in
 * `palette/<type>.html` and the entry in package.json. Texts are in `palette/locales/<language>/<type>.json`, the help
 * in `help/<language>/<type>.html` of this folder.
 */
interface Declared {
  readonly type: string;
  /** `config` for nodes that stand in no flow. */
  readonly category: string;
  /** What it is called in the palette, and in a flow where it has no name. */
  readonly label: string;
  /** A field that names it, where it has no name. */
  readonly labelField?: string;
  /** Behind the node in the editor, and a file of `palette/icons/`. */
  readonly color?: string;
  readonly icon?: string;
  /** Words for what goes in (one port at most) and comes out; `port.<word>` in the locales. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** The button at the node in the editor posts to this path and the node's id; `serve` answers with `error` or not. */
  readonly button?: string;
  /**
   * Fields that the form shows at once, below the name; the others are folded behind `more` of the locales, which
   * opens by itself where one of them is not at its default. Absent: all.
   */
  readonly first?: readonly string[];
  /** Fields that are folded by themselves, behind `section.<name>` of the locales, as with `more`. */
  readonly sections?: Readonly<Record<string, readonly string[]>>;
  /** `hint.<this>` in the locales, at the end of the form. */
  readonly tip?: string;
  /** A file of this folder with a function `prepare(node)`, which the browser runs when the form opens. */
  readonly editor?: string;
  /** Once, when Node-RED starts. */
  serve?(RED: NodeRed): void;
}

interface WrittenNode<Table extends FieldTable> extends Declared {
  readonly fields: Table;
  /** Makes a node of Node-RED one of these. What it throws is said, and is the node's `problem`. */
  open(RED: NodeRed, node: RuntimeNode, fields: FieldValues<Table>): void;
}

export interface PaletteNode extends Declared {
  readonly fields: FieldTable;
  open(RED: NodeRed, node: RuntimeNode, configuration: NodeConfiguration): void;
}

/** Puts the reading of what was stored in front of a node's `open`. */
export function paletteNode<const Table extends FieldTable>(written: WrittenNode<Table>): PaletteNode {
  return {
    ...written,
    open(RED, node, configuration) {
      try {
        written.open(RED, node, readFields(configuration, written.fields));
      } catch (failure) {
        Object.assign(node, { problem: failure });
        node.error((failure as Error).message);
        if (written.category === 'config') return; // those that refer to it say so
        node.status({ fill: 'red', shape: 'ring', text: 'status.badSettings' });
        node.on('input', (_message, _send, done) => done(inPlainWords(failure)));
      }
    },
  };
}
