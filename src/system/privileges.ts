import { readFileSync } from 'node:fs';
import { MandosError } from '../core/error.ts';
import { dropCapability, hasCapability, keepCapabilities } from '../native/libc-capabilities.ts';

/** A user to become. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The users the server runs as, the first that exists (mandos(8), "Security"). */
const SERVER_USERS = ['_mandos', 'mandos', 'nobody'] as const;

/** As a last resort: the kernel's overflow user. */
const NOBODY: Account = { name: '65534', uid: 65534, gid: 65534 };

/** The account that the server drops to. Reads the passwd file given. */
export function serverAccount(passwdFile = '/etc/passwd'): Account {
  let text: string;
  try {
    text = readFileSync(passwdFile, 'utf8');
  } catch {
    return NOBODY;
  }
  const accounts = new Map<string, Account>();
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue;
    accounts.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  for (const user of SERVER_USERS) {
    const account = accounts.get(user);
    if (account !== undefined && account.uid !== 0) return account;
  }
  return NOBODY;
}

/** True when the process may do everything and should not. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Becomes the account for good: supplementary groups, group, user, in this order, each
 * checked afterwards (L4).
 * @throws MandosError `privileges` when any of it did not happen
 */
export function becomeAccount(account: Account): void {
  const { setgroups, setgid, setuid } = process;
  if (setgroups === undefined || setgid === undefined || setuid === undefined) {
    throw new MandosError('privileges', 'this system has no users to become');
  }
  try {
    setgroups.call(process, []);
    setgid.call(process, account.gid);
    setuid.call(process, account.uid);
  } catch (cause) {
    throw new MandosError('privileges', `cannot become user ${account.name}`, { cause });
  }
  const groups = (process.getgroups?.() ?? []).filter((gid) => gid !== account.gid);
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  const wanted = [account.uid, account.uid, account.gid, account.gid];
  if (groups.length > 0 || ids.some((id, index) => id !== wanted[index])) {
    throw new MandosError('privileges', `still not user ${account.name} after the change`);
  }
}

/** What a service manager may give a user that is not root: reading what only root may read. */
const READING = 'CAP_DAC_READ_SEARCH';

/** Whether this process may read what only root may read, and not because it is root. */
export function readsAsRoot(): boolean {
  return !isRoot() && hasCapability(READING);
}

/** Gives that up, in this thread. */
export function giveUpReading(): void {
  dropCapability(READING);
}

/**
 * What a service manager gave besides the user, and only the start needs, is given up in
 * this thread. Raw sockets stay, for the default checker (L4).
 */
export function giveUpCapabilities(): void {
  keepCapabilities('CAP_NET_RAW');
}

export { forbidDumps } from '../native/libc.ts';
