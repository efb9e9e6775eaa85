import { isGone, parseClientsConf } from '../../src/config/clients-conf.ts';
import { firstError, parseIni } from '../../src/config/ini.ts';
import { parseMandosConf } from '../../src/config/mandos-conf.ts';
import { MandosError } from '../../src/core/error.ts';

const SEEDS = [
  '[DEFAULT]\ntimeout = PT5M\n\n[foo]\nkey_id = %(x)s\nsecret =\n  aGk=\n\n  aGk=\nhost: %%\n',
  '[a]\n  b=1\n  c=%(b)s%(b)s\n[a]\n#\n;\n[DEFAULT]\n',
  '\ufeff[x]\r\nh\u00a0=\u3000y\r z\n',
  '[DEFAULT]\nport = 1_0\ndebug = yes\nsocket = +3\nuse_dbus=%(debug)s\n',
  `[a]\nkey_id=${'ab'.repeat(32)}\nsecfile=~root/$A/\${B}\n`,
];

const noFiles = {
  readFile: (path: string): Uint8Array => {
    throw new MandosError('file-missing', `there is no file ${path}`);
  },
  homeDirectory: () => null,
  environmentVariable: () => undefined,
};

/** Every reader of INI files; finds a bug when one throws anything but a `MandosError`. */
export const target = {
  name: 'ini',
  seeds: SEEDS.map((text) => new TextEncoder().encode(text)),
  run(input: Uint8Array): void {
    using document = parseIni('fuzz', input, { secretOptions: ['secret'] });
    firstError(document);
    const conf = parseClientsConf('fuzz', input, noFiles);
    for (const section of document.sections) {
      if (isGone(conf, section.name)) throw new Error('a section that is there is gone');
    }
    if (firstError(document) !== null && conf.sections.every(({ kind }) => kind === 'client')) {
      const inASection = document.sections.length > 0;
      if (inASection) throw new Error('a broken file has no bad section');
    }
    for (const section of conf.sections) {
      if (section.kind === 'client') section.blob[Symbol.dispose]();
    }
    try {
      parseMandosConf('fuzz', input);
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
    }
  },
};
