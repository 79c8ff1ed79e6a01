/** What one look at the installation found. `advice` says what to do about anything but `ok`. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly advice?: string;
}

export function ok(name: string, message: string): Finding {
  return { name, status: 'ok', message };
}

export function warn(name: string, message: string, advice: string): Finding {
  return { name, status: 'warn', message, advice };
}

export function fail(name: string, message: string, advice: string): Finding {
  return { name, status: 'fail', message, advice };
}
