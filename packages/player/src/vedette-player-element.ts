// <vedette-player>: attributes, properties and events around a VedettePlayer and its stage.
// Not its job: deciding what to play (player-state.ts), or drawing (video-stage.ts).
import type { BrowserProtocol, CameraId, LiveEvent, ProfileName, StartRequest } from '@vedette/contracts';
import { bearerApi } from './bearer-api.ts';
import { describeStatus } from './describe-status.ts';
import { VedettePlayer } from './player.ts';
import type { PlayerEnvironment } from './player-environment.ts';
import type { PlayerEventName, PlayerEvents } from './player-events.ts';
import { PlayerLane } from './player-lane.ts';
import type { Wish } from './player-machine.ts';
import { IDLE } from './player-state.ts';
import type { PlayerStats } from './player-stats.ts';
import type { ExternalState, PlayerStatus } from './player-status.ts';
import type { SoundState } from './sound-state.ts';
import { tileOf } from './tile-size.ts';
import { VideoStage } from './video-stage.ts';

export class VedettePlayerElement extends HTMLElement {
  static readonly observedAttributes = ['audio', 'autoplay', 'camera', 'profile', 'stats-interval'];

  readonly #shared: PlayerEnvironment;
  readonly #stage: VideoStage;
  #environment: PlayerEnvironment | null = null;
  #externalState: ExternalState | null = null;
  #reason: string | null = null;
  #muted = true;
  #volume = 1;
  #refused = false;
  #toldSound: SoundState;
  #player: VedettePlayer | undefined;
  #playing = false;
  /** Listeners and ticks that live as long as the element is in a document. */
  #stay: AbortController | undefined;
  #lastStatsMs = 0;
  #inView = false;

  /** `shared` is what all elements of one definition have in common. */
  constructor(shared: PlayerEnvironment) {
    super();
    this.#shared = shared;
    this.#stage = new VideoStage({
      root: this.attachShadow({ mode: 'open' }),
      listening: () => this.#environmentNow().listening,
      onSoundRefused: () => {
        this.#refused = true;
        this.#setMuted(true);
      },
    });
    this.#toldSound = this.sound;
  }

  get camera(): string | null {
    return this.getAttribute('camera');
  }
  set camera(camera: string | null) {
    this.#reflect('camera', camera);
  }

  get autoplay(): boolean {
    return this.hasAttribute('autoplay');
  }
  set autoplay(autoplay: boolean) {
    this.toggleAttribute('autoplay', autoplay);
  }

  get profile(): ProfileName | null {
    const profile = this.getAttribute('profile');
    return profile === 'main' || profile === 'sub' ? profile : null;
  }
  set profile(profile: ProfileName | null) {
    this.#reflect('profile', profile);
  }

  /** Counts from the next `play()` on. */
  get protocol(): BrowserProtocol | null {
    const protocol = this.getAttribute('protocol');
    return protocol === 'webrtc' || protocol === 'hls' ? protocol : null;
  }
  set protocol(protocol: BrowserProtocol | null) {
    this.#reflect('protocol', protocol);
  }

  get tiles(): number | null {
    return wholeNumber(this.getAttribute('tiles'));
  }
  set tiles(tiles: number | null) {
    this.#reflect('tiles', tiles === null ? null : String(tiles));
  }

  /** Have sound ready before it is unmuted; unmuting asks for it by itself. */
  get audio(): boolean {
    return this.hasAttribute('audio');
  }
  set audio(audio: boolean) {
    this.toggleAttribute('audio', audio);
  }

  get muted(): boolean {
    return this.#muted;
  }
  set muted(muted: boolean) {
    this.#refused = false;
    this.#setMuted(muted);
  }

  /** 0 to 1. */
  get volume(): number {
    return this.#volume;
  }
  set volume(volume: number) {
    this.#volume = Math.min(1, Math.max(0, Number.isFinite(volume) ? volume : 1));
    this.#setMuted(this.#muted);
  }

  get sound(): SoundState {
    const available = this.#player?.hasSound === true || this.#externalState?.audio != null;
    return { available, muted: this.#muted, volume: this.#volume, refused: this.#refused };
  }

  get overlay(): 'status' | 'none' {
    return this.getAttribute('overlay') === 'none' ? 'none' : 'status';
  }
  set overlay(overlay: 'status' | 'none') {
    this.#reflect('overlay', overlay);
  }

  get statsIntervalMs(): number {
    return wholeNumber(this.getAttribute('stats-interval')) ?? 0;
  }
  set statsIntervalMs(ms: number) {
    this.#reflect('stats-interval', String(ms));
  }

  /** Name of the page or wall, for rules of the policy. */
  get dashboard(): string | null {
    return this.getAttribute('dashboard');
  }
  set dashboard(dashboard: string | null) {
    this.#reflect('dashboard', dashboard);
  }

  /** Case number or reason, for cameras that ask for one; counts from the next `play()` on. Kept out of the document. */
  get reason(): string | null {
    return this.#reason;
  }
  set reason(reason: string | null) {
    this.#reason = reason;
  }

  get apiBase(): string {
    return this.getAttribute('api-base') ?? '';
  }
  set apiBase(base: string) {
    this.#reflect('api-base', base);
  }

  get token(): string | null {
    return this.getAttribute('token');
  }
  set token(token: string | null) {
    this.#reflect('token', token);
  }

  /** Takes effect with the next `play()` after a `stop()`. */
  get environment(): PlayerEnvironment | null {
    return this.#environment;
  }
  set environment(environment: PlayerEnvironment | null) {
    this.#environment = environment;
  }

  get externalState(): ExternalState | null {
    return this.#externalState;
  }
  set externalState(state: ExternalState | null) {
    this.#externalState = state;
    this.#stage.setNowPlaying(state?.nowPlaying ?? '');
    this.#player?.setExternal(state);
    this.#tellSound();
  }

  get status(): PlayerStatus {
    return this.#player?.status ?? describeStatus(IDLE, null);
  }

  play(): void {
    this.#playing = true;
    const { camera } = this;
    if (camera === null || !this.isConnected) return;
    this.#player ??= this.#make(camera as CameraId);
    this.#player.play(this.#wish);
  }

  stop(): void {
    this.#playing = false;
    this.#player?.stop();
    this.#player = undefined;
  }

  /** The same wish again repeats a switch that failed. */
  setProfile(profile: ProfileName | null): void {
    this.profile = profile;
    this.#player?.setProfile(profile);
  }

  async stats(): Promise<PlayerStats | null> {
    return (await this.#player?.stats()) ?? null;
  }

  handleServerEvent(event: LiveEvent): void {
    if (event.type === 'camera.state' && event.cameraId === this.camera) {
      this.externalState = event;
    } else this.#player?.handleServerEvent(event);
  }

  connectedCallback(): void {
    if (this.#stay !== undefined) return;
    const stay = new AbortController();
    this.#stay = stay;
    const { signal } = stay;
    addEventListener('pagehide', () => this.#suspend(), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.#playing && this.play(), { signal });
    addEventListener('online', () => this.#online(), { signal });
    const observer = new IntersectionObserver((entries) => {
      this.#inView = entries.at(-1)?.isIntersecting ?? this.#inView;
    });
    observer.observe(this);
    signal.addEventListener('abort', () => observer.disconnect(), { once: true });
    signal.addEventListener('abort', this.#shared.ticker.listen(this.#tick), { once: true });
    if (this.autoplay || this.#playing) this.play();
  }

  /** A move within the document is out and in again in one task; only what stays out is stopped. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (this.isConnected || this.#stay === undefined) return;
      this.#stay.abort();
      this.#stay = undefined;
      this.#suspend();
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === 'profile') this.#player?.setProfile(this.profile);
    else if (name === 'audio') this.#player?.setSound(this.#wish.audio);
    else if (name === 'camera') this.#changeCamera();
    else if (name === 'autoplay' && this.autoplay && !this.#playing) this.play();
  }

  override addEventListener<K extends PlayerEventName>(
    type: K,
    listener: (event: CustomEvent<PlayerEvents[K]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    // The event's type follows from its name, which only the overloads above can say.
    listener: EventListenerOrEventListenerObject | ((event: never) => void),
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener as EventListener, options);
  }

  get #wish(): Wish {
    return { profile: this.profile, protocol: this.protocol, audio: this.audio || !this.#muted };
  }

  #setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#player?.setSound(this.#wish.audio);
    this.#stage.setSound(muted, this.#volume);
    this.#tellSound();
  }

  #tellSound(): void {
    const { sound } = this;
    const told = this.#toldSound;
    const { available, muted, refused, volume } = sound;
    const same = available === told.available && muted === told.muted && refused === told.refused;
    if (same && volume === told.volume) return;
    this.#toldSound = sound;
    this.#emit('soundchange', sound);
  }

  /** Another camera's picture must never stay. */
  #changeCamera(): void {
    const playing = this.#playing || this.autoplay;
    this.externalState = null;
    this.stop();
    if (playing && this.camera !== null) this.play();
  }

  /** Out of the document, or the page goes away: everything is let go of, but `play()` has been asked for. */
  #suspend(): void {
    this.#player?.stop();
    this.#player = undefined;
  }

  #online(): void {
    this.#environmentNow().network.forget();
    this.#player?.online();
  }

  #make(cameraId: CameraId): VedettePlayer {
    const environment = this.#environmentNow();
    const player = new VedettePlayer({
      cameraId,
      environment,
      stage: this.#stage,
      createLane: (options) => new PlayerLane({ ...options, environment, stage: this.#stage }),
      describe: () => this.#describe(environment),
      inView: () => this.#inView,
      emit: (name, detail) => this.#emit(name, detail),
    });
    if (this.#externalState !== null) player.setExternal(this.#externalState);
    return player;
  }

  #environmentNow(): PlayerEnvironment {
    if (this.#environment !== null) return this.#environment;
    const { apiBase, token } = this;
    return apiBase === '' && token === null
      ? this.#shared
      : { ...this.#shared, api: bearerApi(apiBase, token) };
  }

  #describe(environment: PlayerEnvironment): StartRequest {
    const tile = tileOf(this, devicePixelRatio, this.tiles);
    const capabilities = environment.capabilities();
    const { dashboard, reason } = this;
    return {
      capabilities,
      ...(tile === undefined ? {} : { tile }),
      ...(dashboard === null || dashboard === '' ? {} : { dashboard }),
      ...(reason === null || reason === '' ? {} : { reason }),
    };
  }

  #emit<K extends PlayerEventName>(name: K, detail: PlayerEvents[K]): void {
    if (name === 'statechange') {
      const { status } = this;
      this.setAttribute('state', status.state);
      this.#stage.setWords(status);
    }
    this.dispatchEvent(new CustomEvent(name, { detail }));
    if (name === 'statechange') this.#tellSound();
  }

  readonly #tick = (): void => {
    if (this.#player === undefined) return;
    this.#stage.keepPlaying();
    this.#tellSound();
    const { status } = this;
    if (status.state !== 'live') this.#stage.setAge(status);
    const every = this.statsIntervalMs;
    const now = performance.now();
    if (every <= 0 || now - this.#lastStatsMs < every) return;
    this.#lastStatsMs = now;
    this.stats().then(
      (stats) => stats !== null && this.#emit('stats', stats),
      () => undefined,
    );
  };

  #reflect(name: string, value: string | null): void {
    if (value === null) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }
}

function wholeNumber(text: string | null): number | null {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
