import type { DashboardMonitor, DashboardNet } from '../../source.ts';
import { element } from '../element.ts';
import type { CommandView } from './command-view.ts';

/** What a person may set while the net runs, as far as its source says so. */
export class SettingsView {
  readonly #form = element('settings', HTMLFormElement);
  readonly #commands: CommandView;
  readonly #inputs = new Map<string, HTMLInputElement>();
  readonly #apply = document.createElement('button');
  #monitor: string | undefined;
  /** What the form is made from: it is made anew only where that changes, so that nobody loses what he types. */
  #shown = '';

  constructor(commands: CommandView) {
    this.#commands = commands;
    this.#apply.type = 'submit';
    this.#apply.textContent = 'Apply';
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const settings = Object.fromEntries([...this.#inputs].map(([id, input]) => [id, input.valueAsNumber]));
      const monitor = this.#monitor === undefined ? {} : { monitor: this.#monitor };
      void this.#commands.send({ command: 'settings', ...monitor, settings }, this.#apply);
    });
  }

  /**
   * @param isAllowed whether this viewer may change them
   * @param monitor the one that is looked at; the first where undefined
   */
  begin(net: DashboardNet, isAllowed: boolean, monitor: DashboardMonitor | undefined): void {
    this.#monitor = net.monitors?.[0]?.name === monitor?.name ? undefined : monitor?.name;
    const offered = this.#monitor === undefined ? net.settings : monitor?.settings;
    const settings = (isAllowed ? offered : undefined) ?? [];
    const shown = JSON.stringify([net.id, this.#monitor, settings]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#inputs.clear();
    const labels = settings.map((setting) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      input.type = 'number';
      input.required = true;
      input.min = String(setting.minimum);
      input.max = String(setting.maximum);
      input.step = String(setting.step);
      input.value = String(setting.value);
      label.title = setting.about;
      label.append(setting.unit === '' ? setting.label : `${setting.label} (${setting.unit})`, input);
      this.#inputs.set(setting.id, input);
      return label;
    });
    this.#form.replaceChildren(...labels, this.#apply);
    this.#form.hidden = settings.length === 0;
  }
}
