import { SpikewireError } from '@spikewire/models';
import { COMMANDS, type CommandName } from './command.ts';
import type { SharedSecret } from './shared-secret.ts';

/** What somebody may do with nets: see them, tell them what was right, and command and set them. */
export type Role = 'look' | 'teach' | 'command';
export type Roles = ReadonlySet<Role>;
export const ALL_ROLES: Roles = new Set<Role>(['look', 'teach', 'command']);
export const VIEWER_ROLES: Roles = new Set<Role>(['look']);

/** A command that can be switched off: by a word, the settings of a monitor, or about the updates of the process. */
export type SwitchedCommand = CommandName | 'settings' | 'update';
export const SWITCHED_COMMANDS: readonly SwitchedCommand[] = [...COMMANDS, 'settings', 'update'];

/** What can be asked of a net. */
export type Order = SwitchedCommand | 'teach' | 'look';

/** Who asks. */
export interface Asker {
  /** How the log names it, such as a topic. */
  readonly from: string;
  readonly roles: Roles;
}

/** What a process lets others do with its nets, by whichever way they ask. */
export interface AccessRules {
  /** Commands that are carried out. Default all. */
  readonly commands?: ReadonlySet<SwitchedCommand>;
  /** Whether lessons teach. Default true. */
  readonly lessons?: boolean;
  /** What a message with a command or lesson must show, so that its sender has the roles for it. */
  readonly secret?: SharedSecret;
}

/**
 * Decides who may look at nets, teach them and command them: the one place for messages, page, flows and whatever else
 * asks a desk. A refusal is a `SpikewireError` of code `access`.
 */
export class Access {
  readonly #rules: AccessRules;
  /** Orders that were not let in. */
  refused = 0;

  constructor(rules: AccessRules = {}) {
    this.#rules = rules;
  }

  /** Whether these rules keep anything from anybody: then nobody has a role just because he reaches this process. */
  get isRestricted(): boolean {
    const { lessons = true, secret } = this.#rules;
    return !lessons || secret !== undefined || SWITCHED_COMMANDS.some((command) => !this.#isOn(command));
  }

  get needsSecret(): boolean {
    return this.#rules.secret !== undefined;
  }

  /** Whether a level of a topic, or of the name of a net, is the secret: nobody may repeat it then. */
  isSecret(name: string): boolean {
    const { secret } = this.#rules;
    return secret !== undefined && name.split('/').some((level) => secret.matches(level));
  }

  /**
   * The roles of who sends a message.
   *
   * @param shown what it shows as the secret; undefined: nothing
   */
  rolesOfSender(shown: unknown): Roles {
    const { secret } = this.#rules;
    if (secret === undefined || secret.matches(shown)) return ALL_ROLES;
    return this.refuse('secret', shown === undefined ? 'is missing' : 'is wrong');
  }

  /** Whether somebody with these roles may ask for that. */
  allows(roles: Roles, order: Order): boolean {
    return roles.has(roleFor(order)) && this.#isOn(order);
  }

  /** Throws `access` where the asker may not ask for that. */
  expect({ roles }: Asker, order: Order): void {
    const role = roleFor(order);
    if (!roles.has(role)) this.refuse(order, `needs the role "${role}"`);
    if (!this.#isOn(order)) this.#refuseAsOff(order);
  }

  refuse(where: string, problem: string): never {
    this.refused++;
    throw new SpikewireError('access', where, `${problem}; refused`);
  }

  #refuseAsOff(order: Order): never {
    if (order === 'teach') return this.refuse('lesson', 'lessons are switched off');
    return this.refuse('command', `"${order}" is switched off`);
  }

  #isOn(order: Order): boolean {
    if (order === 'look') return true;
    const { commands, lessons = true } = this.#rules;
    return order === 'teach' ? lessons : (commands?.has(order) ?? true);
  }
}

function roleFor(order: Order): Role {
  return order === 'look' || order === 'teach' ? order : 'command';
}
