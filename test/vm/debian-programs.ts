/** Programs of another Debian than this machine's, run here. */
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandLine } from '../support/network-namespaces.ts';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { base, type Suite } from './debian.ts';
import { kept } from './kept.ts';

const HERE = inRepository('test/vm');

/** A Debian with the original's packages. What its programs write is lost, but in the temporary directory. */
export class DebianPrograms {
  readonly #layers: string;

  private constructor(layers: string) {
    this.#layers = layers;
  }

  static async of(suite: Suite): Promise<DebianPrograms> {
    const lower = await base(suite);
    const script = `apt-get update -qq
apt-get install -qq -y --no-install-recommends mandos gnutls-bin libavahi-core7 libgpgme11t64 \
  libnl-3-200 libnl-route-3-200 >/dev/null
# Only unpacked: installing it would make keys and an image.
cd /root
apt-get -qq -o APT::Sandbox::User=root download mandos-client
dpkg -x mandos-client_*.deb /
rm -rf /script /root/*.deb /var/lib/apt/lists/* /var/cache/apt/*`;
    const maker = join(HERE, 'in-root.sh');
    const ingredients = [lower, script, await readFile(maker)];
    const directory = await kept(`programs-${suite}`, ingredients, async (unfinished) => {
      await using files = await TempDir.create(0o755);
      await files.write('script', script);
      const places = [join(lower, 'tree'), unfinished, files.path, '/script'];
      const command = ['--mount', '/bin/sh', maker, ...places, '/bin/true'];
      await succeed('/usr/bin/unshare', command, { timeout: 900_000 });
      for (const left of ['work', 'tree']) await rm(join(unfinished, left), { recursive: true });
    });
    return new DebianPrograms(`${directory}/upper:${lower}/tree`);
  }

  /** The same program, of that Debian. */
  readonly command = (program: string, ...args: readonly string[]): CommandLine => {
    const script = join(HERE, 'in-layers.sh');
    return [
      '/usr/bin/unshare',
      ['--mount', '/bin/sh', script, this.#layers, tmpdir(), program, ...args],
    ];
  };
}
