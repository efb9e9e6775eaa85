/**
 * The command line of password-agent(8mandos). Not engine-neutral because the option reader
 * stands on `node:util`.
 */
import { BOOT_OPTIONS, bootProgram } from '../../config/boot-program.ts';
import { asText, flag, type Options, value } from '../../config/option-declaration.ts';
import { parseCommandLine } from '../../config/options.ts';
import { MandosError } from '../../core/error.ts';
import type { ClientCommand } from './client-process-node.ts';

const DEFAULTS = {
  agentDirectory: '/run/systemd/ask-password',
  helperDirectory: '/lib/mandos/plugin-helpers',
  id: 65534,
  client: '/lib/mandos/plugins.d/mandos-client',
} as const;

const directory = { valueName: 'DIRECTORY', parse: asText } as const;
const user = { valueName: 'USERID', parse: parseId } as const;
const group = { valueName: 'GROUPID', parse: parseId } as const;

const OPTIONS = {
  agentDirectory: value({
    long: 'agent-directory',
    short: 'd',
    ...directory,
    description: `where password questions are (default: ${DEFAULTS.agentDirectory})`,
  }),
  helperDirectory: value({
    long: 'helper-directory',
    ...directory,
    description: `given to the client as MANDOSPLUGINHELPERDIR (default: ${DEFAULTS.helperDirectory})`,
  }),
  pluginHelperDir: value({ long: 'plugin-helper-dir', ...directory }),
  user: value({
    long: 'user',
    short: 'u',
    ...user,
    description: `the client's real user ID, a number (default: ${DEFAULTS.id})`,
  }),
  userid: value({ long: 'userid', ...user }),
  group: value({
    long: 'group',
    short: 'g',
    ...group,
    description: `the client's real group ID, a number (default: ${DEFAULTS.id})`,
  }),
  groupid: value({ long: 'groupid', ...group }),
  test: flag({ long: 'test', description: 'only run self-tests' }),
  ...BOOT_OPTIONS,
} satisfies Options;

const PROGRAM = bootProgram({
  name: 'password-agent',
  purpose:
    'Answers systemd’s questions for disk passwords with what mandos-client gets from a Mandos server.',
  operands: '[--] [MANDOS_CLIENT [OPTIONS...]]',
  options: OPTIONS,
});

export type AgentJob =
  | { readonly kind: 'run'; readonly agentDirectory: string; readonly client: ClientCommand }
  | { readonly kind: 'test' }
  /** To be written to standard output. */
  | { readonly kind: 'print'; readonly text: string };

/** @throws MandosError `usage` */
export function readAgentJob(args: readonly string[]): AgentJob {
  const line = parseCommandLine(PROGRAM, args);
  if (line.kind === 'print') return line;
  const given = line.values;
  if (given.test) return { kind: 'test' };
  const [program = DEFAULTS.client, ...clientArgs] = line.operands;
  return {
    kind: 'run',
    agentDirectory: given.agentDirectory ?? DEFAULTS.agentDirectory,
    client: {
      program,
      args: clientArgs,
      realIds: {
        user: given.user ?? given.userid ?? DEFAULTS.id,
        group: given.group ?? given.groupid ?? DEFAULTS.id,
      },
      helperDirectory: given.helperDirectory ?? given.pluginHelperDir ?? DEFAULTS.helperDirectory,
    },
  };
}

const LARGEST_ID = 2 ** 32 - 2;

/**
 * A number and not root's; 4294967295 would mean "as it is" (setresuid(2)).
 * @throws MandosError `config-value`
 */
function parseId(text: string): number {
  const id = /^\s*\+?[0-9]{1,10}$/.test(text) ? Number(text) : 0;
  if (id >= 1 && id <= LARGEST_ID) return id;
  throw new MandosError('config-value', `${JSON.stringify(text)} is no ID of an ordinary user`, {
    hint: 'a number from 1 on, such as 65534; names are not looked up',
  });
}
