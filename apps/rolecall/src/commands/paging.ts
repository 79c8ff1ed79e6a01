import type { Page } from '@rolecall/contract';
import { type Command, InvalidArgumentError } from 'commander';
import type { Answer } from '../client/index.ts';
import { count, type Style } from '../output/index.ts';

/** The options of every list. */
export interface ListOptions {
  readonly search?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

interface PageQuery {
  readonly limit?: string;
  readonly cursor?: string;
  readonly search?: string;
}

/** What a list shows: the page as the API has it, or one made of all pages. */
export interface Listing<Item> {
  readonly page: Page<Item>;
  readonly body: unknown;
}

const LARGEST_PAGE = 1_000;

/** Adds the options that every list has; `search` is left out of those that cannot be searched. */
export function addListOptions(command: Command, { search = true } = {}): Command {
  if (search) {
    command.option('--search <text>', 'part of a name, or of an e-mail address, in any script');
  }
  return command
    .option('--limit <number>', 'rows on a page: 1 to 1000 (default: 50)', parseLimit)
    .option('--cursor <cursor>', 'the page that another one names as its next')
    .option('--all', 'every page');
}

/** Reads one page, or all of them when they were asked for. */
export async function readListing<Item>(
  options: ListOptions,
  readPage: (query: PageQuery) => Promise<Answer<Page<Item>>>,
): Promise<Listing<Item>> {
  const search = options.search === undefined ? {} : { search: options.search };
  if (options.all !== true) {
    const answer = await readPage({
      ...search,
      ...(options.limit !== undefined && { limit: String(options.limit) }),
      ...(options.cursor !== undefined && { cursor: options.cursor }),
    });
    return { page: answer.value, body: answer.body };
  }
  const data: Item[] = [];
  for await (const page of pages((query) => readPage({ ...search, ...query }))) data.push(...page);
  const page: Page<Item> = { data, next_cursor: null, total: data.length, total_is: 'exact' };
  return { page, body: page };
}

/** Every page of a list, one after the other. */
export async function* pages<Item>(
  readPage: (query: PageQuery) => Promise<Answer<Page<Item>>>,
): AsyncGenerator<readonly Item[]> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = { limit: String(LARGEST_PAGE), ...(cursor !== undefined && { cursor }) };
    const { value } = await readPage(query);
    yield value.data;
    cursor = value.next_cursor;
  }
}

/** The line under a list: how much of it is shown, and how to see more. */
export function footer<Item>(page: Page<Item>, noun: string, style: Style): string {
  const atLeast = page.total_is === 'at_least' ? 'more than ' : '';
  const total = `${atLeast}${count(page.total, noun)}`;
  if (page.data.length === page.total) return style.dim(total);
  const shown = `${page.data.length.toLocaleString('en-US')} of ${total}`;
  const more = page.next_cursor === null ? '' : `\nnext page: --cursor ${page.next_cursor}`;
  return style.dim(`${shown}${more}`);
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > LARGEST_PAGE) {
    throw new InvalidArgumentError('It is a number from 1 to 1000.');
  }
  return limit;
}
