/** The options of mandos-ctl(8), and two of our own. */
import { action, asText, flag, value } from '../../config/option-declaration.ts';
import { ExitStatus } from '../../core/error.ts';
import { VERSION } from '../../core/version.ts';
import { parseCtlDuration } from './ctl-duration.ts';

const TIME = { valueName: 'TIME', parse: parseCtlDuration } as const;

const OPTIONS = {
  help: action('help', { long: 'help', short: 'h', description: 'show this help and exit' }),
  version: action('version', { long: 'version', description: 'show the version and exit' }),
  all: flag({ long: 'all', short: 'a', description: 'act on every client' }),
  verbose: flag({ long: 'verbose', short: 'v', description: 'list every property' }),
  dumpJson: flag({ long: 'dump-json', short: 'j', description: 'list every property as JSON' }),
  explain: flag({
    long: 'explain',
    unabbreviated: true,
    description:
      'say in a sentence whether the client would get its secret now, why or why not, and until ' +
      'when; also without the dashes, as the first argument, unless a client has that name',
  }),
  watch: flag({
    long: 'watch',
    unabbreviated: true,
    description:
      'print what happens, a line of JSON for each event, until interrupted; of the named clients ' +
      'only, if any are named; also without the dashes, as the first argument, unless a client ' +
      'has that name',
  }),
  enable: flag({ long: 'enable', short: 'e', description: 'let the client have its secret again' }),
  disable: flag({ long: 'disable', short: 'd', description: 'lock the client out' }),
  bumpTimeout: flag({
    long: 'bump-timeout',
    short: 'b',
    description: 'let a new timeout begin, as if a checker had just succeeded',
  }),
  startChecker: flag({ long: 'start-checker', description: 'start a checker now' }),
  stopChecker: flag({ long: 'stop-checker', description: 'stop the running checker' }),
  isEnabled: flag({
    long: 'is-enabled',
    short: 'V',
    description: 'exit with status 0 if the client is enabled, and with 1 if it is not',
  }),
  remove: flag({ long: 'remove', short: 'r', description: 'take the client off the server' }),
  checker: value({
    long: 'checker',
    short: 'c',
    valueName: 'COMMAND',
    parse: asText,
    description: 'set the command that checks whether the client is up',
  }),
  timeout: value({
    ...TIME,
    long: 'timeout',
    short: 't',
    description: 'set how long the client may go without a successful check',
  }),
  extendedTimeout: value({
    ...TIME,
    long: 'extended-timeout',
    description: 'set the timeout that begins when the secret was sent',
  }),
  interval: value({
    ...TIME,
    long: 'interval',
    short: 'i',
    description: 'set the time between checks',
  }),
  approveByDefault: flag({
    long: 'approve-by-default',
    description: 'give the secret when nobody decides in time',
  }),
  denyByDefault: flag({
    long: 'deny-by-default',
    description: 'give no secret when nobody decides in time',
  }),
  approvalDelay: value({
    ...TIME,
    long: 'approval-delay',
    description: 'set how long the client waits for a decision',
  }),
  approvalDuration: value({
    ...TIME,
    long: 'approval-duration',
    description: 'set how long a decision holds',
  }),
  host: value({
    long: 'host',
    short: 'H',
    valueName: 'STRING',
    parse: asText,
    description: 'set the host that the checker is given',
  }),
  secret: value({
    long: 'secret',
    short: 's',
    valueName: 'FILENAME',
    parse: asText,
    description: 'set the sealed password to what is in this file ("-": standard input)',
  }),
  approve: flag({
    long: 'approve',
    short: 'A',
    description: 'let the client have the secret it is waiting for',
  }),
  deny: flag({
    long: 'deny',
    short: 'D',
    description: 'refuse the client the secret it is waiting for',
  }),
  debug: flag({ long: 'debug', description: 'show the D-Bus calls on standard error' }),
  check: flag({ long: 'check', description: 'test whether this program works, and exit' }),
};

export const CTL_PROGRAM = {
  name: 'mandos-ctl',
  version: VERSION,
  purpose:
    'List the clients of the running Mandos server or, with options, change them; the clients ' +
    'named, or all. Options that change something are carried out in the order given.',
  habits: 'argparse',
  misuseStatus: ExitStatus.argparse,
  operands: '[CLIENT...]',
  options: OPTIONS,
  exclusive: [
    ['enable', 'disable'],
    ['startChecker', 'stopChecker'],
    ['approveByDefault', 'denyByDefault'],
    ['approve', 'deny'],
    ['explain', 'watch'],
  ],
} as const;
