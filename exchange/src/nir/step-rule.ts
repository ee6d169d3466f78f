import type { Graph, Semantics } from '@spikewire/models';

/** How a framework computes a step of a NIR graph. */
export interface StepRule {
  /** As `--from` has it. */
  readonly name: string;
  /** What is special in its step, as `import --help` has it. */
  readonly summary: string;
  readonly semantics: Omit<Semantics, 'dt'>;
  /** Its usual step in seconds, or the one that the numbers of a file prove; undefined where they do not. */
  dt(graph: Graph): number | undefined;
  /**
   * The graph whose step is that of the framework, by these semantics: other gains, resets and delays. Each change of
   * what the file says is a note.
   */
  adapt(graph: Graph, semantics: Semantics, notes: string[]): Graph;
}
