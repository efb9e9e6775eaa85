import type { FileFacts, HookRunner } from '../../src/boot/network-hooks.ts';
import type { Cancellation } from '../../src/core/cancellation.ts';

export const HOOK_FOLDER = '/hooks';

/**
 * What a hook does: ends well, ends badly, goes on until it is told to end, or even then until
 * the test calls `finish`.
 */
export type HookManner = 'well' | 'badly' | 'for ever' | 'reluctantly';

/** A folder with network hooks, inside the test. */
export class SimulatedHooks implements HookRunner {
  user = 0;
  readonly files = new Map<string, FileFacts>();
  readonly manners = new Map<string, HookManner>();
  /** Every run, as `name argument`. */
  readonly runs: string[] = [];
  readonly environments: Readonly<Record<string, string>>[] = [];
  /** Hooks that are running now. */
  running = 0;
  /** Ends a hook that ends reluctantly. */
  finish: () => void = () => undefined;

  /** A hook as it should be, but for `more`. */
  add(name: string, manner: HookManner = 'well', more: Partial<FileFacts> = {}): void {
    const proper = { kind: 'file', owner: 0, group: 0, mode: 0o755, executable: true } as const;
    this.files.set(`${HOOK_FOLDER}/${name}`, { ...proper, ...more });
    this.manners.set(`${HOOK_FOLDER}/${name}`, manner);
    if (!this.files.has(HOOK_FOLDER)) this.folder();
  }

  folder(more: Partial<FileFacts> = {}): void {
    const proper = { kind: 'folder', owner: 0, group: 0, mode: 0o755, executable: true } as const;
    this.files.set(HOOK_FOLDER, { ...proper, ...more });
  }

  facts(path: string): FileFacts | null {
    return this.files.get(path) ?? null;
  }

  names(folder: string): readonly string[] {
    const prefix = `${folder}/`;
    return [...this.files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  async run(
    path: string,
    argument: string,
    environment: Readonly<Record<string, string>>,
    cancel: Cancellation,
  ): Promise<string | null> {
    this.runs.push(`${path.slice(HOOK_FOLDER.length + 1)} ${argument}`);
    this.environments.push(environment);
    const manner = this.manners.get(path);
    if (manner === 'well') return null;
    if (manner === 'badly') return 'it ended with exit status 1';
    this.running++;
    await new Promise<void>((resolve) => {
      if (manner === 'reluctantly') this.finish = resolve;
      else cancel.addEventListener('abort', () => resolve(), { once: true });
    });
    this.running--;
    return 'it was ended by SIGTERM';
  }
}
