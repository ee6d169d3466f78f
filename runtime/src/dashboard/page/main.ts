import type { DashboardNet, DashboardNetState } from '../source.ts';
import type { DescribeEvent, ReadingsEvent } from '../wire.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { element } from './element.ts';
import { HeldFlags } from './held-flags.ts';
import { Palette } from './palette.ts';
import { History } from './plots/history.ts';
import { WholeTime } from './plots/whole-time.ts';
import { AnswersView } from './views/answers-view.ts';
import { BesideView } from './views/beside-view.ts';
import { CommandView } from './views/command-view.ts';
import { ConnectionView } from './views/connection-view.ts';
import { FiguresView } from './views/figures-view.ts';
import { InsideView } from './views/inside-view.ts';
import { MonitorsView } from './views/monitors-view.ts';
import { NetsView } from './views/nets-view.ts';
import { NoticeView } from './views/notice-view.ts';
import { PastView } from './views/past-view.ts';
import { PlacesView } from './views/places-view.ts';
import { RasterView } from './views/raster-view.ts';
import { RightView } from './views/right-view.ts';
import { ScoreView } from './views/score-view.ts';
import { SettingsView } from './views/settings-view.ts';
import { SignalView } from './views/signal-view.ts';
import { StripView } from './views/strip-view.ts';
import { TeachView } from './views/teach-view.ts';
import { TraceView } from './views/trace-view.ts';
import { TruthView } from './views/truth-view.ts';
import { UpdatesView } from './views/updates-view.ts';
import { VerdictView } from './views/verdict-view.ts';

/** Between two looks at what changes by itself, such as how long ago something was. */
const CLOCK_MILLISECONDS = 500;

/** Between two pictures, for those who asked their system for less motion. */
const CALM_MILLISECONDS = 1000;

/** The page: takes events from the connection to the views, and lets them draw when the screen is ready. */
class Page {
  readonly #palette = new Palette(() => this.#recolour());
  readonly #history = new History();
  readonly #whole = new WholeTime();
  readonly #past = new PastView(this.#whole, this.#palette);
  readonly #connectionLine = new ConnectionView();
  readonly #notices = new NoticeView();
  readonly #flags = new HeldFlags();
  readonly #nets = new NetsView(
    (net) => this.#watch(net),
    this.#flags,
    () => this.#drawClock(),
  );
  readonly #verdict = new VerdictView(this.#flags);
  readonly #commands = new CommandView();
  readonly #settings = new SettingsView(this.#commands);
  readonly #monitors = new MonitorsView(this.#history, this.#commands, () => this.#chooseMonitor());
  readonly #teach = new TeachView(this.#commands);
  readonly #figures = new FiguresView();
  readonly #raster = new RasterView(this.#palette);
  readonly #inside = new InsideView(this.#palette);
  readonly #places = new PlacesView();
  readonly #beside = new BesideView();
  readonly #updates = new UpdatesView();
  readonly #score = new ScoreView(element('score', HTMLElement), this.#history, this.#palette, this.#monitors);
  readonly #answers = new AnswersView(this.#history, this.#palette);
  readonly #right = new RightView(this.#history, this.#palette);
  readonly #signal = new SignalView(this.#palette);
  readonly #truth = new TruthView(this.#history);
  readonly #strips = [
    this.#strip('learning-error', 'error', () => this.#history.error),
    this.#strip('rate', 'rate', () => this.#history.rate),
  ];
  readonly #main = element('main', HTMLElement);
  #traces: TraceView[] = [];
  #state: DashboardNetState | undefined;
  #net: string | null = null;
  #digest: string | undefined;
  /** The net that is looked at, and whether this viewer may set it. */
  #described: { readonly net: DashboardNet; readonly isAllowed: boolean } | undefined;
  /** As the newest reading says; the source may know better. */
  #learning: boolean | undefined;
  #connected = true;
  #scheduled = false;
  #paused = false;
  readonly #lessMotion = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #connection: Connection;

  constructor() {
    const pause = element('pause', HTMLButtonElement);
    pause.addEventListener('click', () => {
      this.#paused = !this.#paused;
      pause.ariaPressed = String(this.#paused);
      this.#schedule();
    });
    if (!matchMedia('(min-width: 700px)').matches) element('raster-card', HTMLDetailsElement).open = false;
    const byNumber = element('by-number', HTMLButtonElement);
    byNumber.addEventListener('click', () => {
      for (const timeline of [this.#history, this.#whole]) timeline.byNumber = !timeline.byNumber;
      byNumber.ariaPressed = String(this.#history.byNumber);
      this.#schedule();
    });
    setInterval(() => this.#drawClock(), CLOCK_MILLISECONDS);
    this.#connection = new Connection(chosenNet(), {
      changed: (state) => this.#changed(state),
      describe: (event) => this.#describe(event),
      state: (state) => {
        this.#state = state ?? undefined;
        this.#nets.tell(state);
        this.#drawClock();
      },
      comparison: (comparison) => this.#beside.show(comparison),
      updates: (updates) => this.#updates.show(updates),
      past: (past) => {
        this.#whole.set(past);
        this.#schedule();
      },
      labels: (labels) => {
        this.#history.label(labels);
        this.#schedule();
      },
      status: (status) => {
        for (const view of [this.#verdict, this.#figures, this.#teach]) view.tell(status);
        this.#drawClock();
      },
      readings: (event) => this.#readings(event),
    });
    addEventListener('hashchange', () => this.#connection.watch(chosenNet()));
  }

  #strip(id: string, label: string, values: () => readonly (number | null)[]): StripView {
    return new StripView(element(id, HTMLElement), this.#history, this.#palette, label, values);
  }

  #watch(net: string): void {
    location.hash = new URLSearchParams({ net }).toString();
  }

  #changed(state: ConnectionState): void {
    this.#connectionLine.draw(state);
    this.#connected = state !== 'lost';
    if (state !== 'connecting') this.#nets.connect(this.#connected);
    if (state === 'lost') this.#drawClock();
  }

  #describe({ description, net, span, allowed: list }: DescribeEvent): void {
    this.#history.span = span;
    this.#notices.begin(description, net);
    this.#updates.allow(new Set(list));
    this.#verdict.expect(description.input);
    if (net === null) {
      this.#main.dataset.shows = 'no-net';
      return;
    }
    const { id } = net;
    this.#connection.stay(id);
    this.#nets.begin(id);
    const allowed = new Set(list);
    this.#commands.begin(net, allowed);
    this.#monitors.begin(net, allowed.has('settings'));
    this.#verdict.know(net.monitors);
    this.#places.begin(net);
    this.#described = { net, isAllowed: allowed.has('settings') };
    this.#settings.begin(net, allowed.has('settings'), this.#monitors.chosen?.monitor);
    this.#schedule();
    this.#teach.allow(allowed);
    // What another model says cannot be compared.
    if (id === this.#net && net.digest === this.#digest) {
      return;
    }
    this.#net = id;
    this.#digest = net.digest;
    this.#learning = undefined;
    this.#main.dataset.shows = 'no-reading';
    this.#history.clear();
    this.#whole.clear();
    this.#past.begin(net.channels);
    this.#verdict.begin(id);
    this.#teach.begin();
    this.#figures.begin(net.digest);
    this.#raster.begin(net.neurons);
    this.#inside.begin(id);
    this.#signal.begin(net.channels);
    for (const view of [this.#truth, this.#answers, this.#right]) view.begin(net.isSimulated === true);
    for (const trace of this.#traces) {
      trace.remove();
    }
    const parent = element('channels', HTMLElement);
    this.#traces = net.channels.map(
      (channel, index) => new TraceView(parent, this.#history, this.#palette, index, channel, net.classifies !== true),
    );
    this.#schedule();
  }

  #chooseMonitor(): void {
    const { net, isAllowed } = this.#described!;
    this.#settings.begin(net, isAllowed, this.#monitors.chosen?.monitor);
    this.#schedule();
  }

  #readings(event: ReadingsEvent): void {
    this.#main.dataset.shows = 'readings';
    // A net that is taught and that nothing watches has no score and no error.
    const isBare = event.status.taught !== undefined && event.score.every((score) => score === null);
    for (const id of ['score', 'learning-error']) element(id, HTMLElement).hidden = isBare;
    this.#history.add(event);
    this.#raster.add(event.raster);
    this.#signal.add(event.signal);
    this.#answers.name(event.status.taught?.classes ?? []);
    this.#verdict.add(event);
    this.#figures.add(event);
    this.#learning = event.status.learning;
    this.#whole.reach(event.time.at(-1) ?? 0, event.seq.at(-1) ?? 0);
    this.#teach.add(event);
    this.#schedule();
  }

  #recolour(): void {
    this.#inside.draw();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) {
      return;
    }
    this.#scheduled = true;
    const draw = (): void => {
      this.#scheduled = false;
      this.#draw();
    };
    if (this.#lessMotion.matches) {
      setTimeout(draw, CALM_MILLISECONDS);
    } else {
      requestAnimationFrame(draw);
    }
  }

  #draw(): void {
    if (this.#paused) {
      return;
    }
    const ofClassifier = [this.#answers, this.#right, this.#signal, this.#truth];
    for (const view of [...ofClassifier, ...this.#traces, this.#monitors, this.#score, ...this.#strips, this.#raster])
      view.draw();
    this.#past.draw(this.#history.seq.length);
    this.#drawClock();
  }

  #drawClock(): void {
    this.#nets.draw();
    if (!this.#paused) {
      const state = this.#state?.net === this.#net ? this.#state : undefined;
      this.#teach.draw();
      this.#verdict.draw(this.#connected, state);
      this.#commands.draw(state?.learning ?? this.#learning);
      this.#figures.draw(state);
      this.#inside.look();
    }
  }
}

/** The net that the address names, such as `#net=mote-2`; null when it names none. */
function chosenNet(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('net');
}

new Page();
