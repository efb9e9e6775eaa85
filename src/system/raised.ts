import { MandosError } from '../core/error.ts';

/** Whether this process was started by an unprivileged user and may do what root may. */
function isSetUid(): boolean {
  return process.geteuid?.() === 0 && process.getuid?.() !== 0;
}

/** How to become root again for a moment; null when there is no need or no way. */
let lowered: { readonly uid: number; readonly gid: number } | null = null;

/**
 * Goes back to the user and group that started the program, as the original does after it has
 * brought up the network; `raised` takes root's privileges up again where they are needed.
 * Does nothing in a program that is root's, or nobody in particular's, through and through.
 * @throws MandosError `privileges`
 */
export function lowerPrivileges(): void {
  const { getuid, getgid, setegid, seteuid, setgroups } = process;
  if (!isSetUid() || !getuid || !getgid || !setegid || !seteuid || !setgroups) return;
  const ids = { uid: getuid.call(process), gid: getgid.call(process) };
  try {
    setgroups.call(process, []);
    setegid.call(process, ids.gid);
    seteuid.call(process, ids.uid);
  } catch (cause) {
    throw new MandosError('privileges', `cannot become user ${ids.uid}`, { cause });
  }
  if (process.geteuid?.() !== ids.uid || process.getegid?.() !== ids.gid) {
    throw new MandosError('privileges', `still not user ${ids.uid} after the change`);
  }
  lowered = ids;
}

/**
 * Calls `act`, which must not wait for anything, with the privileges that `lowerPrivileges`
 * put aside; without any more than usual when there are none.
 */
export function raised<T>(act: () => T): T {
  const { seteuid } = process;
  if (lowered === null || seteuid === undefined) return act();
  seteuid.call(process, 0);
  try {
    return act();
  } finally {
    seteuid.call(process, lowered.uid);
  }
}

/** The user as whom `raised` acts. */
export function raisedUser(): number {
  return lowered === null ? (process.geteuid?.() ?? 0) : 0;
}
