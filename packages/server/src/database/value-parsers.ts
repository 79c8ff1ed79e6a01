import { type CustomTypesConfig, types } from 'pg';
import { defect } from '../errors/index.ts';

const INT8 = 20;
const TIMESTAMPTZ = 1184;
const ISO_STYLE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::?(\d\d))?$/;

/**
 * How values arrive, for one pool or client and never for the whole process: `bigint` as a number,
 * `timestamptz` as an ISO string in UTC with milliseconds (cut, not rounded), `jsonb` parsed; `numeric`
 * and `xid8` stay strings, because a number would lose digits.
 */
export const valueParsers: CustomTypesConfig = { getTypeParser };

type Parser = (text: string) => unknown;

function getTypeParser(oid: number, format?: 'text' | 'binary'): Parser {
  if (format === 'binary') throw defect('values are asked for as text');
  if (oid === INT8) return parseBigint;
  if (oid === TIMESTAMPTZ) return parseTimestamp;
  return (types.getTypeParser as (oid: number, format: 'text') => Parser)(oid, 'text');
}

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw defect(`the bigint \`${text}\` does not fit a number`);
  return value;
}

function parseTimestamp(text: string): string {
  const parts = ISO_STYLE.exec(text);
  if (parts === null) throw defect(`the time \`${text}\` is not in the ISO style`);
  const [, date = '', time = '', fraction = '', hours = '', minutes = '00'] = parts;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  if (Number(hours) === 0 && minutes === '00') return `${date}T${time}.${milliseconds}Z`;
  return new Date(`${date}T${time}.${milliseconds}${hours}:${minutes}`).toISOString();
}
