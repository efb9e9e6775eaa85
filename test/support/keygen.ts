import { type Outcome, type ProgramOptions, run } from './process.ts';
import { inRepository } from './repository.ts';

/** Runs our mandos-keygen from source, without a terminal. */
export async function keygen(
  args: readonly string[],
  options: ProgramOptions & { readonly timeout?: number } = {},
): Promise<Outcome> {
  return await run(inRepository('bin/mandos-keygen'), args, options);
}

/** Options for keys that take no time to make. */
export const QUICK = ['--type', 'ed25519', '--name', 'test client'] as const;

/** The value of an option in a section that mandos-keygen has written, or undefined. */
export function optionOf(section: Buffer | string, name: string): string | undefined {
  return new RegExp(`^${name} = (.*)$`, 'm').exec(section.toString())?.[1];
}

/** The blob in a section that mandos-keygen has written. */
export function blobOf(section: Buffer | string): Uint8Array {
  const lines = /^secret =\n((?: {4}.*\n)+)/m.exec(section.toString())?.[1] ?? '';
  return new Uint8Array(Buffer.from(lines, 'base64'));
}
