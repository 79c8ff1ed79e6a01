import type { z } from 'zod';
import { invalidParameters, type World } from '../state/index.ts';
import type { Json } from '../wire/index.ts';

/** What an action answers with: the object it was about, as the API shows it. */
export type ActionResult = Json & { readonly id: string };

/** Something a person can do, by a call or over HTTP. */
export interface Action<I> {
  readonly run: (world: World, input: I) => ActionResult;
  /** Checks the input first. @throws Refusal 422 */
  readonly runUnchecked: (world: World, input: unknown) => ActionResult;
}

/** The actions as methods of one environment. */
export type BoundActions<A> = {
  readonly [Name in keyof A]: A[Name] extends Action<infer I> ? (input: I) => ActionResult : never;
};

/** Defines an action by the shape of its input and what it does. */
export function action<S extends z.ZodType>(
  shape: S,
  run: (world: World, input: z.output<S>) => Json,
): Action<z.input<S>> {
  const runUnchecked = (world: World, input: unknown): ActionResult => {
    const parsed = shape.safeParse(input);
    if (!parsed.success) {
      throw invalidParameters(
        parsed.error.issues.map((issue) => ({
          code: issue.code,
          field: issue.path.join('.'),
          message: issue.message,
        })),
      );
    }
    const result = run(world, parsed.data);
    for (const changed of world.changes) changed();
    return { ...result, id: String(result['id']) };
  };
  return { run: runUnchecked, runUnchecked };
}

/** Binds actions to an environment. */
export function bindActions<A extends Readonly<Record<string, Action<never>>>>(
  world: World,
  actions: A,
): BoundActions<A> {
  const bound = Object.entries(actions).map(([name, { runUnchecked }]) => [
    name,
    (input: unknown) => runUnchecked(world, input),
  ]);
  return Object.fromEntries(bound) as BoundActions<A>;
}
