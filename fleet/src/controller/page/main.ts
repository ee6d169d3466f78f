import { element } from 'spikewire/page';
import type { ControllerStatus, Role } from '../wire/wire.ts';
import { Api, ApiError } from './api.ts';
import { type ChangeKind, followChanges } from './changes.ts';
import { Confirmation } from './confirmation.ts';
import { ConnectionLine } from './connection-line.ts';
import { type Content, make, patch } from './markup.ts';
import { linkTo, type Place, readPlace } from './place.ts';
import { visibleText } from './text/visible-text.ts';
import { type Act, may, type Session, type View } from './view.ts';
import { BeginView } from './views/begin/begin-view.ts';
import { DeviceView } from './views/device-view.ts';
import { DevicesView } from './views/devices-view.ts';
import { HistoryView } from './views/history-view.ts';
import { OverviewView } from './views/overview-view.ts';
import { PeopleView } from './views/people-view.ts';
import { RolloutView } from './views/rollout/rollout-view.ts';
import { RolloutsView } from './views/rollouts-view.ts';
import { RoundsView } from './views/rounds-view.ts';
import { keepToken, keptToken, signInForm } from './views/sign-in.ts';
import { TokensView } from './views/tokens-view.ts';

/** Between two readings of a view after changes. */
const LEAST_BETWEEN_MILLISECONDS = 3000;
const UNAUTHORIZED = 401;

/** Views that are always in reach, with the role that they need. */
const PLACES: readonly (readonly [view: string, text: string, role: Role])[] = [
  ['', 'Overview', 'look'],
  ['devices', 'Devices', 'look'],
  ['rollouts', 'Rollouts', 'look'],
  ['rounds', 'Learning together', 'look'],
  ['tokens', 'Join tokens', 'operate'],
  ['people', 'People', 'administer'],
  ['history', 'History', 'look'],
];

/** The page of a person who has signed in, until the signal. */
class Page implements Session {
  readonly api: Api;
  readonly #main = element('main', HTMLElement);
  readonly #answer = element('answer', HTMLElement);
  readonly #connection = new ConnectionLine();
  readonly #confirmation: Confirmation;
  readonly #signOut: (why?: string) => void;
  #status: ControllerStatus;
  /** How much the clock of the controller is ahead. */
  #ahead = 0;
  #view: View;
  #isRead = false;
  #due: ReturnType<typeof setTimeout> | undefined;
  #leaving = new AbortController();

  constructor(api: Api, status: ControllerStatus, confirmation: Confirmation, signOut: (why?: string) => void) {
    [this.api, this.#status, this.#confirmation, this.#signOut] = [api, status, confirmation, signOut];
    this.#view = this.#viewAt(readPlace(location.hash));
    this.#take(status);
  }

  get status(): ControllerStatus {
    return this.#status;
  }

  get now(): number {
    return Date.now() + this.#ahead;
  }

  begin(signal: AbortSignal): void {
    addEventListener('hashchange', () => this.#go(), { signal });
    const listener = {
      changed: (kinds: readonly ChangeKind[]) => this.#changed(kinds),
      streams: (isOpen: boolean) => this.#connection.streams(isOpen),
    };
    void followChanges(this.api, listener, signal);
    signal.addEventListener('abort', () => {
      clearTimeout(this.#due);
      this.#leaving.abort();
    });
    this.#go();
  }

  redraw(): void {
    this.#drawPlaces();
    document.title = visibleText(`${this.#view.title} – spikewire fleet`);
    if (this.#isRead) this.#show(this.#view.draw());
  }

  async refresh(): Promise<void> {
    const view = this.#view;
    try {
      const [status] = await Promise.all([this.api.get<ControllerStatus>('status'), view.read()]);
      this.#take(status);
      this.#connection.answered(true);
      if (view !== this.#view) return;
      this.#isRead = true;
      this.redraw();
    } catch (error) {
      if (view === this.#view) this.#failed(error);
    }
  }

  async act({ question, confirm, danger, done, work }: Act): Promise<boolean> {
    if (question !== undefined && !(await this.#confirmation.ask(question, confirm!, danger ?? false))) return false;
    try {
      await work();
      this.#say('done', done);
      await this.refresh();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === UNAUTHORIZED) this.#signOut(error.message);
      else this.#say('failed', messageOf(error));
      return false;
    }
  }

  #go(): void {
    this.#view = this.#viewAt(readPlace(location.hash));
    this.#isRead = false;
    this.#say('done', '');
    this.#main.setAttribute('aria-busy', 'true');
    patch(this.#main, make('p', { class: 'detail' }, 'Asking the controller …'));
    this.redraw();
    scrollTo(0, 0);
    this.#leaving.abort();
    this.#leaving = new AbortController();
    this.#view.follow?.(this.#leaving.signal);
    void this.refresh();
  }

  #viewAt({ view, id, query }: Place): View {
    if (view === 'devices') return id === null ? new DevicesView(this, query) : new DeviceView(this, id);
    if (view === 'rollouts') return id === null ? new RolloutsView(this) : new RolloutView(this, id);
    if (view === 'rounds') return new RoundsView(this);
    if (view === 'begin' && may(this, 'release')) return new BeginView(this);
    if (view === 'tokens' && may(this, 'operate')) return new TokensView(this);
    if (view === 'people' && may(this, 'administer')) return new PeopleView(this);
    return view === 'history' ? new HistoryView(this, query) : new OverviewView(this);
  }

  /** Many changes at once are read together; what happens while it reads, afterwards. */
  #changed(kinds: readonly ChangeKind[]): void {
    if (this.#due !== undefined || !kinds.some((kind) => this.#view.about.includes(kind))) return;
    this.#due = setTimeout(() => {
      this.#due = undefined;
      void this.refresh();
    }, LEAST_BETWEEN_MILLISECONDS);
  }

  #failed(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === UNAUTHORIZED) {
      this.#signOut(error.message);
      return;
    }
    this.#connection.answered(error.status !== 0);
    if (error.status === 0 && this.#isRead) return; // what was read before remains, and the line above says so
    this.#isRead = false;
    this.#show(make('p', { class: 'problem', role: 'alert' }, error.message));
  }

  #show(content: Content): void {
    patch(this.#main, content);
    this.#main.setAttribute('aria-busy', 'false');
  }

  #take(status: ControllerStatus): void {
    this.#status = status;
    this.#ahead = status.now - Date.now();
    const line = element('person', HTMLElement);
    line.hidden = false;
    line.textContent = visibleText(`${status.person}, role ${status.role}`);
  }

  #drawPlaces(): void {
    const nav = element('places', HTMLElement);
    const { view } = readPlace(location.hash);
    const present = view === 'begin' ? 'rollouts' : view;
    nav.hidden = false;
    const shown = PLACES.filter(([, , role]) => may(this, role));
    patch(
      nav,
      shown.map(([name, text]) => make('a', { href: linkTo(name), 'aria-current': name === present && 'page' }, text)),
    );
  }

  #say(state: 'done' | 'failed', text: string): void {
    this.#answer.dataset.state = state;
    this.#answer.textContent = visibleText(text);
  }
}

/** Asks for a token until one is accepted, and again after its person has signed out. */
class Entrance {
  readonly #confirmation = new Confirmation();
  readonly #main = element('main', HTMLElement);
  readonly #leave = element('sign-out', HTMLButtonElement);
  #present: AbortController | undefined;

  constructor() {
    this.#leave.addEventListener('click', () => this.#signOut());
    element('skip', HTMLElement).addEventListener('click', (event) => {
      event.preventDefault(); // the fragment of the address names the view
      this.#main.focus();
    });
  }

  async enter(token: string | null): Promise<void> {
    if (token === null) return this.#ask();
    const api = new Api(token);
    try {
      const status = await api.get<ControllerStatus>('status');
      keepToken(token);
      this.#leave.hidden = false;
      this.#present = new AbortController();
      new Page(api, status, this.#confirmation, (why) => this.#signOut(why)).begin(this.#present.signal);
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status === UNAUTHORIZED;
      if (isRefused) keepToken(null);
      this.#ask(isRefused ? 'The controller does not know this token.' : messageOf(error));
    }
  }

  #signOut(why?: string): void {
    keepToken(null);
    this.#present?.abort();
    this.#leave.hidden = true;
    for (const id of ['places', 'person']) element(id, HTMLElement).hidden = true;
    element('answer', HTMLElement).textContent = '';
    this.#ask(why);
  }

  #ask(problem?: string): void {
    document.title = 'Sign in – spikewire fleet';
    patch(
      this.#main,
      signInForm(problem, (token) => void this.enter(token)),
    );
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

void new Entrance().enter(keptToken());
