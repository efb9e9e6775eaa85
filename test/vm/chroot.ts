/** A Debian of their own for the packages, without booting it: stories that are run in it. */
import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';
import { kept } from './kept.ts';

const INCLUDED =
  'systemd-sysv,dbus,fping,initramfs-tools,cryptsetup-initramfs,adduser,libatomic1,libstdc++6';
const MINUTES = 60_000;

/** What all stories may use. They tell their answers as lines of the form `= NAME ANSWER`. */
const BEFORE = `
exec 2>&1
apt-get -qq update
install() { apt-get install -qq -y --no-install-recommends "$@" </dev/null; }
ours() { install /pkg/mandos-ts-client*.deb /pkg/mandos-ts-server*.deb; }
tell() { name=$1; shift; echo "= $name $("$@" 2>&1 | tr '\\n' ' ')"; }
status() { dpkg-query --show --showformat='\${db:Status-Status}' "$1"; }
`;

/** Makes what the stories need: the Debian, and our packages. */
export async function prepareChroot(): Promise<void> {
  if (globSync(inRepository('build/mandos-ts-*.deb')).length < 2) {
    await succeed('/bin/sh', [inRepository('scripts/deb')], { timeout: 15 * MINUTES });
  }
  await debian();
}

/** Where the Debian is. */
async function debian(): Promise<string> {
  const options = ['--variant=minbase', '--mode=root', '--format=directory'];
  const how = [...options, `--include=${INCLUDED}`, 'bookworm'];
  const directory = await kept('chroot', how, async (unfinished) => {
    const command = [...how, join(unfinished, 'tree')];
    await succeed('/usr/bin/mmdebstrap', command, { timeout: 15 * MINUTES });
  });
  return join(directory, 'tree');
}

/** What a story told. */
export class Told {
  readonly #answers: ReadonlyMap<string, string>;
  /** All that was written. */
  readonly output: string;

  constructor(output: string) {
    this.output = output;
    const lines = output.matchAll(/^= (\S+) (.*?) *$/gm);
    this.#answers = new Map(Array.from(lines, ([, name = '', answer = '']) => [name, answer]));
  }

  /** Throws when the story did not come that far. */
  answer(name: string): string {
    const answer = this.#answers.get(name);
    if (answer === undefined) throw new Error(`nothing was told of ${name}:\n${this.output}`);
    return answer;
  }
}

/** Runs a story, a shell script, in a copy of the Debian that goes away afterwards. */
export async function tells(story: string): Promise<Told> {
  await using dir = await TempDir.create();
  const file = await dir.write('story', BEFORE + story, 0o700);
  mkdirSync(dir.join('work'));
  const packages = globSync(inRepository('build/mandos-ts-*.deb'));
  const script = inRepository('test/vm/in-chroot.sh');
  const places = [await debian(), dir.join('work'), file];
  const command = ['--mount', '/bin/sh', script, ...places, ...packages];
  const output = await succeed('/usr/bin/unshare', command, { timeout: 15 * MINUTES });
  return new Told(output.toString());
}
