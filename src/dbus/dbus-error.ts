/** The errors by the names that callers of the original know, and the bus's own. */
export const ErrorName = {
  failed: 'org.freedesktop.DBus.Error.Failed',
  unknownObject: 'org.freedesktop.DBus.Error.UnknownObject',
  unknownMethod: 'org.freedesktop.DBus.Error.UnknownMethod',
  accessDenied: 'org.freedesktop.DBus.Error.AccessDenied',
  limitsExceeded: 'org.freedesktop.DBus.Error.LimitsExceeded',
  noReply: 'org.freedesktop.DBus.Error.NoReply',
  disconnected: 'org.freedesktop.DBus.Error.Disconnected',
  serviceUnknown: 'org.freedesktop.DBus.Error.ServiceUnknown',
  nameHasNoOwner: 'org.freedesktop.DBus.Error.NameHasNoOwner',
  propertyNotFound: 'org.freedesktop.DBus.Python.DBusPropertyNotFound',
  propertyAccess: 'org.freedesktop.DBus.Python.DBusPropertyAccessException',
  keyError: 'org.freedesktop.DBus.Python.KeyError',
  typeError: 'org.freedesktop.DBus.Python.TypeError',
  overflowError: 'org.freedesktop.DBus.Python.OverflowError',
  valueError: 'org.freedesktop.DBus.Python.ValueError',
} as const;

/** An error as it travels over the bus, in either direction; `message` is for people. */
export class DBusError extends Error {
  override readonly name = 'DBusError';
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(message);
    this.errorName = errorName;
  }
}
