/** The plugin `plymouth` with Debian's plymouthd, which draws on a pseudo-terminal. */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import test from 'node:test';
import { needsBootStage, onBootStage } from '../support/boot-stage.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const needs = { ...requires('plymouth', 'pseudo-terminal'), ...needsBootStage() };

/** Plymouth shows itself on whatever the kernel says is the console. */
const PLYMOUTH = `
for package in plymouth libplymouth5; do
  for part in bin sbin lib usr; do
    from=$ORIGINALS/$package/$part
    to=/usr/$part
    [ $part != usr ] || to=/usr
    [ ! -d "$from" ] || cp -a "$from/." $to/
  done
done
mkdir /run/plymouth
: >/run/console
mount --bind /run/console /sys/class/tty/console/active
cat >/run/start <<'END'
tty | cut -c6- >/run/console
/usr/sbin/plymouthd --mode=boot --pid-file=/run/plymouth/pid "--tty=$(tty)" --kernel-command-line=plymouth.ignore-udev
/usr/bin/plymouth show-splash
arguments() { tr '\\0' ' ' <"/proc/$(cat /run/plymouth/pid)/cmdline"; }
END
on_a_terminal() { /usr/bin/python3 -B "$DRIVER" "$@"; }
`;

const ENV = {
  ORIGINALS: inRepository('.cache/originals'),
  DRIVER: inRepository('test/support/on-a-terminal.py'),
};

test('a person types the password into Plymouth', needs, async () => {
  const steps = [{ expect: 'Enter passphrase' }, { type: 's3cret\r' }];
  const { stdout } = await onBootStage(
    `${PLYMOUTH} CRYPTTAB_NAME=root on_a_terminal "$STEPS" /bin/sh -c '. /run/start; exec "$PROGRAMS/plymouth"'`,
    { ...ENV, STEPS: JSON.stringify(steps) },
  );
  const { shown, output, code } = JSON.parse(stdout.toString());
  assert.deepEqual([output, code], ['s3cret', 0]);
  assert.match(shown, /Unlocking the disk \(root\)/);
});

/** Tells the plugin to end when it gets USR1 itself, and then what has become of Plymouth. */
const TOLD_TO_END = `. /run/start
arguments >/run/before
read before </run/plymouth/pid
"$PROGRAMS/plymouth" & plugin=$!
trap 'kill $plugin' USR1
wait $plugin
wait $plugin
echo "status $?"
read after </run/plymouth/pid
[ "$after" = "$before" ] || echo 'another process'
arguments | cmp - /run/before && echo 'the same arguments'
/usr/bin/plymouth --ping && echo 'it runs'
`;

test('told to end, the plugin leaves a Plymouth that asks nothing any more', needs, async () => {
  const steps = [{ expect: 'Enter passphrase' }, { type: 'half' }, { expect: '****' }];
  const { stdout } = await onBootStage(`${PLYMOUTH} on_a_terminal "$STEPS" /bin/sh -c "$SCRIPT"`, {
    ...ENV,
    SCRIPT: TOLD_TO_END,
    STEPS: JSON.stringify([...steps, { signal: constants.signals.SIGUSR1 }]),
  });
  const { output } = JSON.parse(stdout.toString());
  assert.equal(output, 'status 143\nanother process\nthe same arguments\nit runs\n');
});
