import type { DashboardDescription, DashboardNet } from '../../source.ts';
import { element } from '../element.ts';

/** What one looks at, and the lines that every viewer should know. */
export class NoticeView {
  readonly #title = element('title', HTMLElement);
  readonly #stream = element('stream', HTMLElement);
  readonly #about = element('about', HTMLElement);
  readonly #notices = element('notices', HTMLElement);

  /** @param net the one that is looked at; null as long as there is none */
  begin(description: DashboardDescription, net: DashboardNet | null): void {
    const { title } = description;
    const name = net?.name ?? title;
    document.title = name === title ? title : `${name} – ${title}`;
    this.#title.textContent = name;
    this.#stream.textContent = name === title ? '' : title;
    this.#about.textContent = net?.about ?? '';
    this.#notices.replaceChildren(
      ...description.notices.map((notice) => {
        const line = document.createElement('p');
        line.className = 'notice';
        line.textContent = notice;
        return line;
      }),
    );
  }
}
