import type { Model } from '@spikewire/models';
import type { BringOptions, BroughtEntries } from '../../extensions/brought.ts';
import type { MqttLinkOptions } from '../../mqtt/link/link.ts';

/** What a check of the machine found. */
export interface Finding {
  readonly check: string;
  /** `ok`; `note`: works, but something could be better or is absent; `bad`: something asked for does not work. */
  readonly state: 'ok' | 'note' | 'bad';
  readonly found: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly advice?: string;
}

/** What a person told the doctor to look at. */
export interface DoctorQuestion {
  readonly mqtt: string | undefined;
  /** As whom to talk to the broker, and whom to believe. */
  readonly access?: Pick<MqttLinkOptions, 'username' | 'password' | 'tls'>;
  readonly store: string | undefined;
  /** A model, and what it is called. */
  readonly model?: { readonly name: string; readonly model: Model } | undefined;
  /** Ends self-tests that take long: a check then rejects. */
  readonly signal?: AbortSignal;
  /** The commands that packages bring, which the command line looks for; none where absent. */
  readonly commands?: (
    options: Pick<BringOptions<never>, 'places'>,
  ) => Promise<BroughtEntries<{ readonly name: string }>>;
}

/** One thing that can be right or wrong with a machine: a file in `checks/` and a line in the list of checks. */
export interface Check {
  readonly name: string;
  look(question: DoctorQuestion): Promise<CheckResult | readonly CheckResult[]>;
}

export type CheckResult = Omit<Finding, 'check'>;
