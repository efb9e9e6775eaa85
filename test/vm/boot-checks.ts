/** What holds after every boot. */
import assert from 'node:assert/strict';
import type { Report } from './machine.ts';

/** The disk is open, and nothing is left that saw the password or brought up the network. */
export function assertClean(report: Report, disks: readonly string[] = ['cryptroot']): void {
  assert.deepEqual(report.lines('disk'), ['control', ...disks], report.console);
  const left = report.lines('process').filter((line) => line.includes('mandos'));
  assert.deepEqual(left, [], 'no process of ours is left');
  assert.deepEqual(report.lines('file'), [], 'no file of ours is left');
  assert.deepEqual(report.interfacesUp, [], 'the network is down as it was');
  assertNoShell(report.console);
}

/** F5: whatever goes wrong, nobody at the console gets a shell. */
export function assertNoShell(console: string): void {
  const shell = /^\(initramfs\)|BusyBox v|dracut:\/#|rescue shell|emergency (mode|shell)/m;
  assert.equal(shell.exec(console)?.[0], undefined);
}
