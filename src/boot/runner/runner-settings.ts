/** What a plugin is started with besides what all of them get. */
export interface PluginSettings {
  readonly args: readonly string[];
  /** `NAME=value`, in the order given. */
  readonly environment: readonly string[];
  readonly disabled: boolean;
}

/** Everything that the options and the configuration file of plugin-runner(8mandos) say. */
export interface RunnerSettings {
  readonly pluginDirectory: string;
  readonly helperDirectory: string;
  readonly userId: number;
  readonly groupId: number;
  readonly globalArgs: readonly string[];
  readonly globalEnvironment: readonly string[];
  readonly plugins: ReadonlyMap<string, PluginSettings>;
  readonly debug: boolean;
  /** What was wrong and does not keep the plugins from running; for people. */
  readonly warnings: readonly string[];
}

/** A plugin's own arguments come before those that all plugins get. */
export function argumentsFor(plugin: string, settings: RunnerSettings): string[] {
  return [...(settings.plugins.get(plugin)?.args ?? []), ...settings.globalArgs];
}

/**
 * The runner's own environment, over it what is for all plugins, over that what is for this
 * one. A setting without `=` or without a name means nothing.
 */
export function environmentFor(
  plugin: string,
  settings: RunnerSettings,
  inherited: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = { ...inherited };
  const additions = [
    ...settings.globalEnvironment,
    `MANDOSPLUGINHELPERDIR=${settings.helperDirectory}`,
    ...(settings.plugins.get(plugin)?.environment ?? []),
  ];
  for (const addition of additions) {
    const equals = addition.indexOf('=');
    if (equals > 0) environment[addition.slice(0, equals)] = addition.slice(equals + 1);
  }
  return environment;
}

export function isDisabled(plugin: string, settings: RunnerSettings): boolean {
  return settings.plugins.get(plugin)?.disabled ?? false;
}
