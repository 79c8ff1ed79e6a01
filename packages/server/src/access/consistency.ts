/**
 * How fresh an answer has to be. `cached`: not older than the freshness bound. `at_least`: not older than
 * the write that answered with this token. `strong`: read from the primary for this call.
 */
export type Consistency =
  | { readonly mode: 'cached' }
  | { readonly mode: 'at_least'; readonly revision: string }
  | { readonly mode: 'strong' };

export interface ReadOptions {
  /** `cached` unless told otherwise. */
  readonly consistency?: Consistency;
}
