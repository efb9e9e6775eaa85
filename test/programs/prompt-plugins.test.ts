/**
 * The plugins that ask a person by other programs, as child processes, with stand-ins for
 * those programs that behave as their manual pages and the original's say.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { needsBootStage, onBootStage } from '../support/boot-stage.ts';
import { run } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';

const needs = needsBootStage();

/** Tells what it is called with; `ask-for-password` and `getpass` answer after a while. */
const CLIENT = `#!/bin/sh
[ "$1" = --ping ] && exit "\${PING:-0}"
printf '%s|' "$0" "$@" >>/run/calls
echo >>/run/calls
case $1 in
  ask-for-password | getpass*)
    echo asked >/run/asked
    [ -z "$HANG" ] || sleep 20
    printf 'pass\\nword'
    exit "\${STATUS:-0}" ;;
esac
`;

/** Sleeps under the names of the daemons: what counts is which program runs, and how. */
const STAND_INS = `
cat >/usr/bin/plymouth <<'END'
${CLIENT}END
chmod 755 /usr/bin/plymouth
cp /usr/bin/plymouth /usr/sbin/splashy_update
for name in plymouthd splashy usplash; do cp /bin/sleep /usr/sbin/$name; done
until_runs() { until [ "$(readlink /proc/$!/exe)" = "$1" ]; do :; done; }
: >/run/commands
until_asked() { until [ -e /run/asked ]; do sleep 0.05; done; }
programs() { for p in /proc/[0-9]*; do readlink $p/exe; done | grep -E "sbin/(plymouthd|splashy|usplash)"; }
stop() { kill "$1" && wait "$1"; echo "status $?"; }
`;

test('plymouth: Plymouth itself writes the password', needs, async () => {
  const { stdout, stderr, code } = await onBootStage(
    `${STAND_INS} cryptsource=src crypttarget=tgt "$PROGRAMS/plymouth"; status=$?; cat /run/calls >&2; exit $status`,
  );
  assert.deepEqual([stdout.toString(), code], ['pass\nword', 0]);
  assert.equal(
    stderr,
    '/bin/plymouth|ask-for-password|--prompt=Unlocking the disk src (tgt)\nEnter passphrase|\n',
  );
});

for (const [why, script, status] of [
  ['there is no Plymouth', '"$PROGRAMS/plymouth"', 69],
  ['Plymouth does not run', `${STAND_INS} PING=1 "$PROGRAMS/plymouth"`, 69],
  ['Plymouth fails', `${STAND_INS} STATUS=2 "$PROGRAMS/plymouth" --prompt=x`, 1],
  ['splashy does not run', '"$PROGRAMS/splashy"', 69],
  [
    'splashy fails',
    `${STAND_INS} /usr/sbin/splashy 20 & until_runs /usr/sbin/splashy; STATUS=2 "$PROGRAMS/splashy"`,
    1,
  ],
  ['usplash does not run', '"$PROGRAMS/usplash"', 69],
  [
    'usplash has no FIFO',
    `${STAND_INS} /usr/sbin/usplash 20 & until_runs /usr/sbin/usplash; "$PROGRAMS/usplash"`,
    69,
  ],
  ['the FIFO cannot be made', 'rmdir /usr/lib/cryptsetup; "$PROGRAMS/askpass-fifo"', 69],
] as const) {
  test(`${why}: the status is ${status}`, needs, async () => {
    const { code, stderr } = await onBootStage(script);
    assert.equal(code, status);
    assert.match(stderr, /^Mandos plugin [a-z-]+: .+\n$/);
  });
}

test('plymouth: told to end, it starts Plymouth anew with the same arguments', needs, async () => {
  const { stdout } = await onBootStage(`${STAND_INS}
    /usr/sbin/plymouthd 0.${'0'.repeat(9)}1 30 & old=$!
    HANG=1 "$PROGRAMS/plymouth" & plugin=$!
    until_asked
    stop $plugin
    cat /run/calls; kill $old; wait $old; programs`);
  const [status, ask, rest, quit, show, ...running] = stdout.toString().trim().split('\n');
  assert.deepEqual(
    [status, ask, rest, quit, show],
    [
      'status 143',
      '/bin/plymouth|ask-for-password|--prompt=Unlocking the disk',
      'Enter passphrase|',
      '/bin/plymouth|quit|',
      '/bin/plymouth|show-splash|',
    ],
  );
  assert.deepEqual(running, ['/usr/sbin/plymouthd']);
});

test('splashy: splashy_update itself writes the password', needs, async () => {
  const { stdout, stderr } = await onBootStage(`${STAND_INS}
    /usr/sbin/splashy 20 & until_runs /usr/sbin/splashy
    crypttarget=tgt "$PROGRAMS/splashy"; cat /run/calls >&2`);
  assert.equal(stdout.toString(), 'pass\nword');
  assert.equal(
    stderr,
    '/sbin/splashy_update|getpass Enter passphrase to unlock the disk (tgt): |\n',
  );
});

test('splashy: told to end, it ends splashy and starts it with "boot"', needs, async () => {
  const { stdout, stderr } = await onBootStage(`${STAND_INS}
    /usr/sbin/splashy 20 & until_runs /usr/sbin/splashy
    HANG=1 "$PROGRAMS/splashy" & plugin=$!
    until_asked
    stop $plugin; programs`);
  assert.equal(stdout.toString(), 'status 143\n');
  // The stand-in for the new one is told what no sleep understands.
  assert.match(stderr, /invalid time interval .*boot/);
});

test('usplash: it asks by one FIFO and reads the answer from the other', needs, async () => {
  const { stdout, stderr } = await onBootStage(`${STAND_INS}
    cd /dev/.initramfs; mkfifo usplash_fifo usplash_outfifo
    /usr/sbin/usplash 20 & until_runs /usr/sbin/usplash
    cat usplash_fifo >/run/commands & reader=$!
    CRYPTTAB_SOURCE=src "$PROGRAMS/usplash" & plugin=$!
    until grep -q INPUTQUIET /run/commands; do sleep 0.05; done
    printf 'pass\\0word\\n' >usplash_outfifo
    wait $plugin; wait $reader; tr '\\0' '|' </run/commands >&2`);
  assert.equal(stdout.toString('latin1'), 'pass\0word\n');
  assert.equal(
    stderr,
    'TIMEOUT 0|INPUTQUIET Enter passphrase to unlock the disk src: |TIMEOUT 15|',
  );
});

test('usplash: told to end, it ends usplash and starts it as it was', needs, async () => {
  const { stdout, stderr } = await onBootStage(`${STAND_INS}
    cd /dev/.initramfs; mkfifo usplash_fifo usplash_outfifo
    /usr/sbin/usplash 21 & old=$!
    (while :; do cat usplash_fifo; done) >/run/commands 2>&1 & reader=$!
    "$PROGRAMS/usplash" & plugin=$!
    until grep -q INPUTQUIET /run/commands; do sleep 0.05; done
    stop $plugin
    wait $old; echo "old $?"
    for p in /proc/[0-9]*; do
      [ "$(readlink $p/exe)" = /usr/sbin/usplash ] && tr '\\0' ' ' <$p/cmdline
    done; echo
    tr '\\0' '|' </run/commands >&2; kill $reader`);
  assert.equal(stdout.toString(), 'status 143\nold 143\n/usr/sbin/usplash 21 \n');
  assert.match(stderr, /TIMEOUT 0\|INPUTQUIET .*: \|PULSATE\|/);
});

test('askpass-fifo: it makes the FIFO for root alone and passes on every byte', needs, async () => {
  const { stdout, stderr, code } = await onBootStage(`
    "$PROGRAMS/askpass-fifo" & plugin=$!
    fifo=/lib/cryptsetup/passfifo
    until [ -p $fifo ]; do sleep 0.05; done
    stat -c %A $fifo >&2
    : >$fifo
    (printf 'a\\nb\\0'; sleep 0.2; printf 'c\\377\\n\\n') >$fifo
    wait $plugin`);
  assert.deepEqual(
    [stdout.toString('latin1'), stderr, code],
    ['a\nb\0c\xff\n\n', 'prw-------\n', 0],
  );
});

test(
  'askpass-fifo: a password that was written before there was a FIFO is taken, once',
  needs,
  async () => {
    const { stdout, stderr, code } = await onBootStage(`${STAND_INS}
    printf 'early' >/lib/cryptsetup/passfifo
    "$PROGRAMS/askpass-fifo" || exit
    [ -e /lib/cryptsetup/passfifo ] || echo ' and gone'
    : >/lib/cryptsetup/passfifo
    "$PROGRAMS/askpass-fifo" & plugin=$!
    until [ -p /lib/cryptsetup/passfifo ]; do sleep 0.05; done
    printf 'later' >/lib/cryptsetup/passfifo
    wait $plugin`);
    assert.deepEqual([stdout.toString(), stderr, code], ['early and gone\nlater', '', 0]);
  },
);

test('askpass-fifo: what is neither is an error', needs, async () => {
  const { stdout, stderr, code } = await onBootStage(
    'mkdir /lib/cryptsetup/passfifo; "$PROGRAMS/askpass-fifo"',
  );
  assert.equal(stdout.toString(), '');
  assert.match(stderr, /cannot read '\/lib\/cryptsetup\/passfifo' \(it is no FIFO\)\n/);
  assert.equal(code, 69);
});

test('askpass-fifo: told to end, it ends at once', needs, async () => {
  const { stdout } = await onBootStage(`${STAND_INS}
    "$PROGRAMS/askpass-fifo" & plugin=$!
    until [ -p /lib/cryptsetup/passfifo ]; do sleep 0.05; done
    stop $plugin`);
  assert.equal(stdout.toString(), 'status 143\n');
});

for (const name of ['plugin-runner', 'password-prompt', 'plymouth']) {
  test(`${name} tells its options and its version`, async () => {
    for (const [option, text] of [
      ['--help', /^Usage: .*--debug/s],
      ['-?', /^Usage: /],
      ['--usage', /^Usage: /],
      ['-V', new RegExp(`^${name} \\d`)],
    ] as const) {
      const { code, stdout } = await run(inRepository(`bin/${name}`), [option]);
      // What a plugin writes is a password when it ends with 0.
      assert.equal(code, name === 'plugin-runner' ? 0 : 64);
      assert.match(stdout.toString(), text);
    }
  });
}
