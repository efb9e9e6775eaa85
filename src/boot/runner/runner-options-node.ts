/**
 * The command line and the configuration file of plugin-runner(8mandos). Not engine-neutral
 * because the option reader stands on `node:util`.
 */
import { BOOT_OPTIONS, bootProgram, DEBUG } from '../../config/boot-program.ts';
import { asText, type Options, value, values } from '../../config/option-declaration.ts';
import { parseCommandLine } from '../../config/options.ts';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { configWords } from './config-words.ts';
import type { RunnerSettings } from './runner-settings.ts';
import { RunnerSettingsBuilder } from './runner-settings-builder.ts';

const DEFAULTS = {
  configFile: '/conf/conf.d/mandos/plugin-runner.conf',
  pluginDirectory: '/lib/mandos/plugins.d',
  helperDirectory: '/lib/mandos/plugin-helpers',
  id: 65534,
} as const;

const directory = { valueName: 'DIRECTORY', parse: asText } as const;
const plugin = { valueName: 'PLUGIN' } as const;

/** Options of which the order counts, also among different ones, go to the builder at once. */
function optionsFor(builder: RunnerSettingsBuilder) {
  return {
    globalEnv: values({
      long: 'global-env',
      short: 'G',
      valueName: 'VAR=VALUE',
      parse: asText,
      description: 'environment variable for all plugins',
    }),
    envFor: values({
      long: 'env-for',
      short: 'E',
      valueName: 'PLUGIN:VAR=VALUE',
      parse: (text) => builder.addEnvironment(...forPlugin(text)),
      description: 'environment variable for one plugin',
    }),
    globalOptions: values({
      long: 'global-options',
      short: 'g',
      valueName: 'OPTION[,OPTION...]',
      parse: asText,
      description: 'options for all plugins',
    }),
    optionsFor: values({
      long: 'options-for',
      short: 'o',
      valueName: 'PLUGIN:OPTION[,OPTION...]',
      parse: (text) => {
        const [name, options] = forPlugin(text);
        builder.addArguments(name, listed(options));
      },
      description: 'options for one plugin',
    }),
    disable: values({
      long: 'disable',
      short: 'd',
      ...plugin,
      parse: (name) => builder.setDisabled(name, true),
      description: 'do not start this plugin',
    }),
    enable: values({
      long: 'enable',
      short: 'e',
      ...plugin,
      parse: (name) => builder.setDisabled(name, false),
      description: 'start this plugin after all',
    }),
    configFile: value({
      long: 'config-file',
      valueName: 'FILE',
      parse: asText,
      description: `further options (default: ${DEFAULTS.configFile})`,
    }),
    pluginDir: value({
      long: 'plugin-dir',
      ...directory,
      description: `where the plugins are (default: ${DEFAULTS.pluginDirectory})`,
    }),
    pluginHelperDir: value({
      long: 'plugin-helper-dir',
      ...directory,
      description: `given to the plugins as MANDOSPLUGINHELPERDIR (default: ${DEFAULTS.helperDirectory})`,
    }),
    groupid: value({
      long: 'groupid',
      valueName: 'ID',
      parse: asText,
      description: `the plugins' group ID, a number (default: ${DEFAULTS.id})`,
    }),
    userid: value({
      long: 'userid',
      valueName: 'ID',
      parse: asText,
      description: `the plugins' user ID, a number (default: ${DEFAULTS.id})`,
    }),
    debug: DEBUG,
    ...BOOT_OPTIONS,
  } satisfies Options;
}

export type RunnerJob =
  | { readonly kind: 'run'; readonly settings: RunnerSettings }
  /** To be written to standard output. */
  | { readonly kind: 'print'; readonly text: string };

/** The text of a configuration file; null when there is none that can be used. */
export type ReadConfig = (path: string) => string | null;

/**
 * The file's options count first, so that those of the command line can override them.
 * @param line the arguments
 * @throws MandosError `usage`: status 64 for the command line, 78 for the file
 */
export function readRunnerJob(line: readonly string[], readConfig: ReadConfig): RunnerJob {
  const args = withoutKey(line);
  // Once to find the file and to see what is wrong with the command line itself.
  const first = read(args, new RunnerSettingsBuilder(DEFAULTS), ExitStatus.usage);
  if (first.kind === 'print') return first;
  const path = first.configFile ?? DEFAULTS.configFile;
  const builder = new RunnerSettingsBuilder(DEFAULTS);
  const text = readConfig(path);
  if (text !== null) {
    const fromFile = read(configWords(text), builder, ExitStatus.config);
    if (fromFile.kind === 'print') return fromFile;
  }
  const last = read(args, builder, ExitStatus.usage);
  return last.kind === 'print' ? last : { kind: 'run', settings: builder.settings() };
}

/**
 * cryptsetup calls a key script with the key of crypttab(5) as the only argument. That there is
 * none is an empty argument, as the original takes it, or since cryptsetup 2.0.3 the word itself.
 */
function withoutKey(line: readonly string[]): readonly string[] {
  const [key] = line;
  return line.length === 1 && (key === '' || key === 'none') ? [] : line;
}

type Reading =
  | { readonly kind: 'read'; readonly configFile: string | undefined }
  | { readonly kind: 'print'; readonly text: string };

function read(
  args: readonly string[],
  builder: RunnerSettingsBuilder,
  misuseStatus: ExitStatus,
): Reading {
  const options = optionsFor(builder);
  const program = bootProgram({
    name: 'plugin-runner',
    purpose:
      'Runs plugins side by side, writes the password of the first that has one to standard output, and stops the others.',
    misuseStatus,
    options,
  });
  const line = parseCommandLine(program, args);
  if (line.kind === 'print') return line;
  const given = line.values;
  for (const variable of given.globalEnv) builder.addGlobalEnvironment(variable);
  for (const list of given.globalOptions) builder.addGlobalArguments(listed(list));
  builder.setPlaces(given.pluginDir, given.pluginHelperDir);
  builder.setIds(given.userid, given.groupid);
  if (given.debug) builder.setDebug();
  return { kind: 'read', configFile: given.configFile };
}

/** What is before the first colon, and what is behind it. */
function forPlugin(text: string): [plugin: string, rest: string] {
  const colon = text.indexOf(':');
  const quoted = JSON.stringify(text);
  if (colon < 0) throw new MandosError('config-value', `there is no colon in ${quoted}`);
  if (colon === 0) throw new MandosError('config-value', `no plugin is named in ${quoted}`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/**
 * Options between commas; an empty one between two commas is an option as well. Nothing at all
 * is none, where the original passes an empty one on, which no program takes.
 */
function listed(options: string): string[] {
  return options === '' ? [] : options.split(',');
}
