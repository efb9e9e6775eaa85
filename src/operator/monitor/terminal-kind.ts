/** What the terminal can do, by the name of its kind in TERM. */
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { Charset } from './screen-text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What to send before the first screen and after the last one. */
export interface TerminalKind {
  readonly enter: string;
  readonly leave: string;
}

/** These are no screens, or take no commands in the manner of ECMA-48 and the VT100. */
const UNUSABLE =
  /^(?:|dumb|unknown|emacs|network|dialup|ethernet|switch|su|printer|lpr|plugboard|adm.*|hp.*|ibm3.*|tvi.*|wy.*)$/;

/** Screens that show nothing but themselves; they keep what was shown last. */
const WITHOUT_SECOND_SCREEN = /^(?:vt\d\d\d|linux|cons25|pcansi|ansi)/;
const WITHOUT_CURSOR_SWITCH = /^(?:vt1\d\d|ansi|pcansi)/;

const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';

/** Throws `MandosError` `unsupported` for a terminal on which no screen can be painted. */
export function terminalKind(term = ''): TerminalKind {
  if (UNUSABLE.test(term)) {
    throw new MandosError('unsupported', `a terminal of the kind '${term}' has no screen`, {
      exitCode: ExitStatus.unavailable,
      hint: 'set TERM to what the terminal is, such as vt100, linux or xterm',
    });
  }
  const cursor = !WITHOUT_CURSOR_SWITCH.test(term);
  const hide = cursor ? '\x1b[?25l' : '';
  const show = cursor ? '\x1b[?25h' : '';
  if (WITHOUT_SECOND_SCREEN.test(term)) {
    return { enter: `${NO_WRAP}${hide}`, leave: `\x1b[m${WRAP}${show}\x1b[999;1H\r\n` };
  }
  return {
    enter: `\x1b[?1049h${NO_WRAP}${hide}`,
    leave: `\x1b[m${WRAP}${show}\x1b[?1049l`,
  };
}

/** The character set that the environment's locale has (locale(7)). */
export function charsetOf({ LC_ALL, LC_CTYPE, LANG }: Environment): Charset {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return /utf-?8/i.test(locale) ? 'utf-8' : 'ascii';
}
