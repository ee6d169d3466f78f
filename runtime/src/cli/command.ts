/** One option of a command, as `--name value` or, for switches, `--name`. */
export interface OptionDeclaration {
  readonly type: 'string' | 'boolean';
  /** One line for the help. */
  readonly doc: string;
  /** What stands for the value in the help: `<file>`. */
  readonly value?: string;
  readonly default?: string | boolean;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** One letter, for `-h`. */
  readonly short?: string;
  /** The words that there are, for completion, where `value` does not list them. */
  readonly words?: readonly string[];
  /** Heading of the help below which it stands; options without one come first. */
  readonly group?: string;
}

export interface PositionalDeclaration {
  readonly name: string;
  readonly doc: string;
  readonly optional?: boolean;
  /** It stands for all further words, of which there may be none. */
  readonly rest?: boolean;
  /** The words that there are, where it is one of a few. */
  readonly words?: readonly string[];
}

/** One of the words that the first positional may be, where each has options of its own. */
export interface CommandAction {
  readonly name: string;
  /** One line for the help. */
  readonly doc: string;
  /** Those of the command's options that it accepts. */
  readonly options: Readonly<Record<string, OptionDeclaration>>;
  /** What stands behind the word. Default: the further positionals of the command. */
  readonly positionals?: readonly PositionalDeclaration[];
  readonly listing?: () => Promise<CommandListing | readonly CommandListing[]>;
}

/** What a command gets: its options and positionals, checked for names and presence. */
export interface CommandArguments {
  readonly positionals: readonly string[];
  text(option: string): string | undefined;
  /** An option that the command cannot do without, or a `usage` error that says what is expected. */
  needed(option: string, expected: string): string;
  texts(option: string): readonly string[];
  flag(option: string): boolean;
  /** A finite number in minimum…maximum, or a `usage` error that names the option. */
  number(option: string, range?: { minimum?: number; maximum?: number; whole?: boolean }): number | undefined;
  /** A number of bytes, as `65536`, `64K`, `512M` or `2G`, or a `usage` error that names the option. */
  bytes(option: string, range?: { minimum?: number }): number | undefined;
}

/**
 * Where a command speaks, and no other place: what comes out is printable, whatever names from outside are in it. With
 * `--json` stdout gets one JSON document from `result` and nothing else.
 */
export interface CommandConsole {
  readonly json: boolean;
  /** A line for people: to stdout, or, with `--json`, to stderr. */
  say(line: string): void;
  /** A line to stderr about what goes on. Too many of a kind at once are counted and left out. */
  tell(line: string, kind: string): void;
  /** A line to stderr about something a person should know. Too many of a kind at once are counted and left out. */
  warn(line: string, kind?: string): void;
  /** One JSON document of many, a line each, to stdout. */
  document(document: unknown): void;
  /**
   * A line about how far it is, to stderr. On a terminal it replaces the last one; elsewhere, where lines pile up, it
   * is left out unless seconds have passed.
   */
  progress(line: string): void;
  /** The answer: printed as JSON with `--json`, otherwise through `text`; lines where names from outside are in it. */
  result(document: unknown, text: () => string | readonly string[]): void;
  /**
   * Aborted by SIGINT and SIGTERM, from when it is first asked for: long commands finish what must not be lost and
   * return. Until then a signal ends the process, whatever it computes.
   */
  readonly signal: AbortSignal;
  /**
   * Calls the listener at each SIGHUP from now on. In a terminal, where SIGHUP says that the terminal is gone, that
   * aborts
   * `signal` instead.
   */
  onHangUp(listener: () => void): void;
  /** While `work` goes on, which hears no signal and leaves nothing to save, one ends the process as until then. */
  endedBySignals<T>(work: () => Promise<T>): Promise<T>;
}

/** Names and what they mean. */
export interface CommandListing {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, doc: string])[];
}

/**
 * A subcommand of `spikewire`. A package that adds some names a module as `commands` in the field `spikewire` of its
 * package.json; the module exports `commands: readonly Command[]`. `run` throws `SpikewireError`; code `usage` ends
 * with exit code 2, every other error with 1.
 */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Heading below which the list of commands has it. */
  readonly group?: string;
  /** Command lines to begin with, for the help. */
  readonly examples?: readonly string[];
  readonly positionals?: readonly PositionalDeclaration[];
  readonly options: Readonly<Record<string, OptionDeclaration>>;
  /** What the first positional may be; each has its own page of help and refuses the options of the others. */
  readonly actions?: readonly CommandAction[];
  /** Names of the options that `--help` shows; `--help-all` shows the others, too. Default: all. */
  readonly common?: readonly string[];
  /** Lists below the options in the help, such as the words that one of them takes; made only when somebody asks. */
  readonly listing?: () => Promise<CommandListing | readonly CommandListing[]>;
  run(args: CommandArguments, console: CommandConsole): Promise<void>;
}
