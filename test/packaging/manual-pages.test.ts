/** The manual pages say what is there, all of it, and nothing else. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { parseClientsConf } from '../../src/config/clients-conf.ts';
import { MANDOS_CONF_OPTIONS } from '../../src/config/mandos-conf.ts';
import type { CheckerAttributes } from '../../src/core/checker-command.ts';
import { expandChecker } from '../../src/core/checker-command.ts';
import { milliseconds } from '../../src/core/time.ts';
import type { Method, Signal } from '../../src/dbus/contract.ts';
import { CLIENT, MANDOS } from '../../src/dbus/mandos-interfaces.ts';
import { CLIENT_KEYS, GLOBAL_KEYS } from '../../src/operator/monitor/key-commands.ts';
import { run, succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';
import { manualPage, manualPages, part, terms } from './manual-page.ts';

const PROGRAMS = readdirSync(inRepository('bin'));
const pages = manualPages();

/** Programs whose `main` takes no arguments look at no option, `--help` included. */
async function takesOptions(program: string): Promise<boolean> {
  const { main } = await import(inRepository(`src/programs/${program}.ts`));
  return main.length > 0;
}

async function helpOf(program: string): Promise<string> {
  if (!(await takesOptions(program))) return '';
  // Not the status: that of a plugin says that there is no password.
  return (await run(inRepository(`bin/${program}`), ['--help'])).stdout.toString();
}

/** `-p, --port=PORT` for each option that a help text lists. */
function optionsIn(help: string): readonly string[] {
  return help
    .split('\n')
    .filter((line) => /^ {2,6}-/.test(line))
    .map((line) => line.trim().split(/ {2,}/)[0] ?? '');
}

for (const program of PROGRAMS) {
  test(`the page of ${program} has exactly the options of its help`, async () => {
    const options = optionsIn(await helpOf(program));
    const documented = terms(part(manualPage(program), 'OPTIONS'));
    assert.deepEqual(documented.toSorted(), options.toSorted());
  });
}

test('no page speaks of an option that no program has', async () => {
  const ours = (await Promise.all(PROGRAMS.map(helpOf))).join('\n');
  for (const { name, text } of pages) {
    const spoken = text.match(/--[a-z][a-z-]*/g) ?? [];
    const invented = spoken.filter((option) => !new RegExp(`${option}(?![a-z-])`).test(ours));
    // What the introduction to an OPTIONS part says of options in general.
    assert.deepEqual(new Set(invented).difference(new Set(['--option'])), new Set(), name);
  }
});

test('every page has a name, a synopsis and what else belongs there', () => {
  for (const { name, section, text } of pages) {
    const [title = ''] = text.split('\n');
    assert.equal(title, `% ${name.toUpperCase()}(${section}) Mandos | Mandos Manual`);
    assert.match(text, new RegExp(`\n# NAME\n\n${RegExp.escape(name)} - [^\n]+\n\n# `));
    const needed = /^8/.test(section) && name !== 'intro' ? ['SYNOPSIS', 'EXIT STATUS'] : [];
    for (const heading of ['DESCRIPTION', 'SEE ALSO', ...needed]) {
      assert.ok(text.includes(`\n# ${heading}\n`), `${name} has no ${heading}`);
    }
  }
});

/** Pages of other packages that ours refer to. */
const FOREIGN = [
  ...[
    'avahi-daemon(8)',
    'busctl(1)',
    'cryptsetup(8)',
    'crypttab(5)',
    'dpkg(1)',
    'dracut(8)',
    'fping(8)',
  ],
  ...['gpg(1)', 'plymouth(8)', 'splashy_update(8)', 'ssh-keyscan(1)', 'systemd(1)', 'wait(2)'],
  'systemd-ask-password(1)',
  'update-initramfs(8)',
];

test('every page that is referred to is there', () => {
  const known = new Set([...FOREIGN, ...pages.map(({ name, section }) => `${name}(${section})`)]);
  for (const { name, text } of pages) {
    const references = text.matchAll(/\*\*([\w.-]+)\*\*(\(\d[a-z]*\))/g);
    for (const [, page, section] of references) {
      assert.ok(known.has(`${page}${section}`), `${name} refers to ${page}${section}`);
    }
  }
});

test('every page can be made and read', requires('manual pages'), async () => {
  await using dir = await TempDir.create();
  await succeed(inRepository('packaging/man/build'), [dir.path]);
  const made = pages.map(({ name, section }) => `${name}.${section}`);
  assert.deepEqual(readdirSync(dir.path).toSorted(), made.toSorted());
  for (const file of made) {
    const script = 'man --warnings --encoding=UTF-8 --local-file "$1" 2>&1 >/dev/null';
    const complaints = await succeed('/bin/sh', ['-c', script, 'sh', dir.join(file)]);
    assert.equal(complaints.toString(), '', file);
    await succeed('/usr/bin/lexgrog', [dir.join(file)]);
  }
});

/** The option names in terms such as `port = NUMBER`. */
function optionNames(text: string): readonly string[] {
  return terms(text).map((term) => term.split(' ')[0] ?? '');
}

test('mandos.conf(5) has every option of the file', () => {
  const documented = optionNames(part(manualPage('mandos.conf'), 'OPTIONS'));
  assert.deepEqual(new Set(documented), MANDOS_CONF_OPTIONS);
});

test('mandos-ctl(8) has every event of --watch', async () => {
  // Declared once, in the head of the file that writes them.
  const code = await readFile(inRepository('src/operator/ctl/watch-line.ts'), 'utf8');
  const events = Array.from(code.matchAll(/^ {6}case '([a-z-]+)'/gm), ([, event]) => event);
  const documented = terms(part(manualPage('mandos-ctl'), 'EVENTS'));
  assert.ok(events.length > 0);
  assert.deepEqual(documented.toSorted(), events.toSorted());
});

test('mandos-monitor(8) has every key', () => {
  for (const [heading, keys] of [
    ['Everywhere', GLOBAL_KEYS],
    ['For the selected client', CLIENT_KEYS],
  ] as const) {
    const documented = terms(part(manualPage('mandos-monitor'), heading));
    assert.deepEqual(
      documented.map((term) => term.replaceAll('\\', '')),
      keys.map(({ shown }) => shown),
    );
  }
});

const NO_FILES = {
  readFile: () => new Uint8Array(),
  homeDirectory: () => null,
  environmentVariable: () => undefined,
};

test('mandos-clients.conf(5) has every option of a section', () => {
  const documented = optionNames(part(manualPage('mandos-clients.conf'), 'OPTIONS'));
  const section = `[a]\nkey_id = ${'ab'.repeat(32)}\nfingerprint = ab\nsecret = aGVsbG8=\n`;
  const conf = parseClientsConf('clients.conf', Buffer.from(section), NO_FILES);
  const [client] = conf.sections;
  assert.ok(client?.kind === 'client');
  const known = [...client.written.keys(), 'secfile'];
  assert.deepEqual(documented.toSorted(), known.toSorted());
});

test('mandos-clients.conf(5) has everything that a checker can be told', () => {
  const attributes: CheckerAttributes = {
    ...{ approval_delay: milliseconds(0), approval_duration: milliseconds(0), created: 0 as never },
    ...{ enabled: true, expires: null, key_id: 'k', fingerprint: 'f', host: 'h' },
    ...{ interval: milliseconds(0), last_approval_request: null, last_checked_ok: null },
    ...{ last_enabled: null, name: 'n', timeout: milliseconds(0), dbus_object_path: '/' },
  };
  const documented = terms(part(manualPage('mandos-clients.conf'), 'EXPANSION'));
  const names = documented.flatMap((term) => term.split(', '));
  assert.deepEqual(names.toSorted(), Object.keys(attributes).toSorted());
  for (const name of names) {
    assert.equal(expandChecker(`%(${name})s`, attributes).kind, 'command', name);
  }
});

/** Such as `Approve(b value)` or `GetAllClients() → ao`. */
function memberText(member: Method | Signal): string {
  const given = member.kind === 'method' ? member.takes : member.tells;
  const returned = member.kind === 'method' ? member.gives : [];
  const parameters = given.map(({ type, name }) => `${type} ${name}`).join(', ');
  const arrow = returned.length === 0 ? '' : ` → ${returned.map(({ type }) => type).join(', ')}`;
  return `${member.name}(${parameters})${arrow}`;
}

test('mandos-dbus(7) has every method, signal and property with its type', () => {
  const page = manualPage('mandos-dbus');
  for (const [heading, declared] of [
    ['THE SERVER', MANDOS],
    ['A CLIENT', CLIENT],
  ] as const) {
    const whole = { ...page, text: part(page, heading) };
    for (const [kind, subheading] of [
      ['method', 'Methods'],
      ['signal', 'Signals'],
    ] as const) {
      const documented = terms(part(whole, subheading)).flatMap((term) =>
        term.split(/, (?=[A-Z])/),
      );
      const members = declared.members.filter((member) => member.kind === kind).map(memberText);
      assert.deepEqual(documented.toSorted(), members.toSorted());
    }
  }
  const access = { read: 'read', write: 'write', readwrite: 'read and write' };
  assert.deepEqual(
    terms(part(page, 'Properties')),
    CLIENT.properties
      .map((property) => `${property.name} (${property.type}, ${access[property.access]})`)
      .toSorted(),
  );
});

test('the packages share no page, and man(1) finds the introduction with either', async () => {
  await using dir = await TempDir.create();
  for (const { name, section } of pages) await dir.write(`${name}.${section}`, '');
  const script = inRepository('packaging/debian/install-man');
  await succeed('/bin/sh', [script, dir.path], { cwd: dir.path });
  const pagesIn = (name: string): readonly string[] =>
    readdirSync(dir.join(`debian/${name}/usr/share/man`), { recursive: true, encoding: 'utf8' });
  const [server, client] = [pagesIn('mandos-ts-server'), pagesIn('mandos-ts-client')];
  const common = new Set(server).intersection(new Set(client));
  assert.deepEqual(
    [...common].filter((path) => path.includes('.')),
    [],
  );
  // It looks for what begins so.
  for (const all of [server, client]) {
    assert.ok(
      all.some((path) => path.startsWith('man8/intro.8mandos')),
      all.join(' '),
    );
  }
  assert.equal(server.concat(client).filter((path) => path.includes('.')).length, pages.length + 1);
});
