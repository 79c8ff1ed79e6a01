/** An object as it came over the wire. */
export type Json = Readonly<Record<string, unknown>>;

/** The object without some of its properties. */
export function without(object: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** A property that is a string; the empty string when it is anything else. */
export function textOf(object: Json | undefined, key: string): string {
  const value = object?.[key];
  return typeof value === 'string' ? value : '';
}
