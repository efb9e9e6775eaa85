/** The device and the name it is unlocked as, for people to tell disks apart. */
export interface Disk {
  readonly source: string | null;
  readonly name: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** From crypttab(5)'s variables, or from those of older releases of cryptsetup. */
export function diskIn(environment: Environment): Disk {
  const { CRYPTTAB_SOURCE, CRYPTTAB_NAME, cryptsource, crypttarget } = environment;
  return {
    source: printable(CRYPTTAB_SOURCE || cryptsource),
    name: printable(CRYPTTAB_NAME || crypttarget),
  };
}

/** `the disk SOURCE (NAME)`, as much of it as is known. */
export function diskText({ source, name }: Disk): string {
  return `the disk${source === null ? '' : ` ${source}`}${name === null ? '' : ` (${name})`}`;
}

export interface PromptWishes {
  /** Shown before the prompt. */
  readonly prefix: string | null;
  /** Instead of the usual prompt, without the colon. */
  readonly prompt: string | null;
}

/** The prompt on a text console, as cryptsetup's askpass has it. */
export function consolePrompt(wishes: PromptWishes, disk: Disk): string {
  const prefix = wishes.prefix === null ? '' : `${wishes.prefix} `;
  if (wishes.prompt !== null) return `${prefix}${wishes.prompt}: `;
  if (disk.source === null && disk.name === null) {
    return `${prefix}Enter passphrase to unlock the disk: `;
  }
  return `${prefix}Unlocking ${diskText(disk)}\nEnter passphrase: `;
}

/** What is empty or would move the cursor (L2) is nothing to show. */
function printable(text: string | undefined): string | null {
  const shown = (text ?? '').replace(/\p{Cc}/gu, '');
  return shown === '' ? null : shown;
}
