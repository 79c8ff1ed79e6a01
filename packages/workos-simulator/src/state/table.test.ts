import { expect, test } from 'vitest';
import { Table } from './table.ts';

interface Person {
  readonly id: string;
  readonly town: string;
  readonly skills: readonly string[];
}

function people(): Table<Person, 'town' | 'skill'> {
  const table = new Table<Person, 'town' | 'skill'>({
    town: (person) => [person.town],
    skill: (person) => person.skills,
  });
  table.put({ id: '1', town: 'Riga', skills: ['sewing', 'chess'] });
  table.put({ id: '2', town: 'Riga', skills: [] });
  table.put({ id: '3', town: 'Oslo', skills: ['chess'] });
  return table;
}

test('finds records by every key of every index, oldest first', () => {
  const table = people();
  expect(table.ids('town', 'Riga').toArray()).toEqual(['1', '2']);
  expect(table.ids('skill', 'chess').toArray()).toEqual(['1', '3']);
  expect(table.first('town', 'Oslo')?.id).toBe('3');
  expect(table.first('town', 'Rome')).toBeUndefined();
});

test('moves a record to its new keys when it is replaced', () => {
  const table = people();
  table.put({ id: '1', town: 'Oslo', skills: ['sewing'] });
  expect(table.ids('town', 'Riga').toArray()).toEqual(['2']);
  expect(table.ids('town', 'Oslo').toArray()).toEqual(['1', '3']);
  expect(table.ids('skill', 'chess').toArray()).toEqual(['3']);
  expect(table.size).toBe(3);
});

test('forgets a deleted record everywhere', () => {
  const table = people();
  table.delete('1');
  expect(table.toArray().map((person) => person.id)).toEqual(['2', '3']);
  expect(table.ids('skill', 'sewing').size).toBe(0);
});
