import type { PluginSettings, RunnerSettings } from './runner-settings.ts';

/** setresuid(2) takes the largest number for "as it is". */
const LARGEST_ID = 2 ** 32 - 2;

interface Defaults {
  readonly pluginDirectory: string;
  readonly helperDirectory: string;
  readonly id: number;
}

const NOTHING: PluginSettings = { args: [], environment: [], disabled: false };

/** Collects settings in the order in which they are given; later ones win or are added. */
export class RunnerSettingsBuilder {
  readonly #defaultId: number;
  readonly #plugins = new Map<string, PluginSettings>();
  readonly #globalArgs: string[] = [];
  readonly #globalEnvironment: string[] = [];
  readonly #warnings: string[] = [];
  #pluginDirectory: string;
  #helperDirectory: string;
  #userId: number;
  #groupId: number;
  #debug = false;

  constructor(defaults: Defaults) {
    this.#defaultId = defaults.id;
    this.#pluginDirectory = defaults.pluginDirectory;
    this.#helperDirectory = defaults.helperDirectory;
    this.#userId = defaults.id;
    this.#groupId = defaults.id;
  }

  addGlobalArguments(args: readonly string[]): void {
    this.#globalArgs.push(...args);
  }

  addGlobalEnvironment(variable: string): void {
    this.#globalEnvironment.push(variable);
  }

  addArguments(plugin: string, args: readonly string[]): void {
    const before = this.#pluginOf(plugin);
    this.#plugins.set(plugin, { ...before, args: [...before.args, ...args] });
  }

  addEnvironment(plugin: string, variable: string): void {
    const before = this.#pluginOf(plugin);
    this.#plugins.set(plugin, { ...before, environment: [...before.environment, variable] });
  }

  setDisabled(plugin: string, disabled: boolean): void {
    this.#plugins.set(plugin, { ...this.#pluginOf(plugin), disabled });
  }

  setPlaces(pluginDirectory: string | undefined, helperDirectory: string | undefined): void {
    this.#pluginDirectory = pluginDirectory ?? this.#pluginDirectory;
    this.#helperDirectory = helperDirectory ?? this.#helperDirectory;
  }

  /** A bad ID is told and is no reason to run no plugins; the unprivileged default counts. */
  setIds(user: string | undefined, group: string | undefined): void {
    if (user !== undefined) this.#userId = this.#idIn(user, 'user');
    if (group !== undefined) this.#groupId = this.#idIn(group, 'group');
  }

  setDebug(): void {
    this.#debug = true;
  }

  settings(): RunnerSettings {
    return {
      pluginDirectory: this.#pluginDirectory,
      helperDirectory: this.#helperDirectory,
      userId: this.#userId,
      groupId: this.#groupId,
      globalArgs: this.#globalArgs,
      globalEnvironment: this.#globalEnvironment,
      plugins: this.#plugins,
      debug: this.#debug,
      warnings: this.#warnings,
    };
  }

  #pluginOf(name: string): PluginSettings {
    return this.#plugins.get(name) ?? NOTHING;
  }

  #idIn(text: string, what: string): number {
    const id = /^\s*\+?[0-9]{1,10}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
    if (id <= LARGEST_ID) return id;
    this.#warnings.push(`bad ${what} ID ${JSON.stringify(text)}, using ${this.#defaultId}`);
    return this.#defaultId;
  }
}
