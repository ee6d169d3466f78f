/** The fast engine that computes every net. */
const DEFAULT_ENGINE = 'clocked';
/** Nodes of an earlier release say so behind an engine that it computes in a thread. To be read for one release. */
const OLD_WORKER = /\+worker$/;

/** Where nets run. */
export interface Place {
  /** An engine or a board. */
  readonly device: string;
  /** Worker threads of an engine; 0: it computes in Node-RED's own thread. */
  readonly threads: number;
}

/** The place at an address: that of a board, or of an engine, which takes about 16 MB more in a thread of its own. */
export function placeOf(address: string, worker: boolean): Place {
  return {
    device: address.replace(OLD_WORKER, '') || DEFAULT_ENGINE,
    threads: worker || OLD_WORKER.test(address) ? 1 : 0,
  };
}
