import assert from 'node:assert/strict';
import { DBusError } from '../../src/dbus/dbus-error.ts';

export const PYTHON = 'org.freedesktop.DBus.Python';
export const ERROR = 'org.freedesktop.DBus.Error';

/** The call gets the error of this name. */
export function fails(call: Promise<unknown>, errorName: string): Promise<void> {
  return assert.rejects(call, (error) => {
    assert.ok(error instanceof DBusError, String(error));
    assert.equal(error.errorName, errorName, error.message);
    return true;
  });
}
