import { expect, test } from 'vitest'
import { Watchers } from '../src/index.ts'

test('watchers are told what is theirs, until they end', () => {
  const watchers = new Watchers(() => undefined)
  const told: unknown[] = []
  const end = watchers.add('a', (id) => told.push(['first', id]))
  watchers.add('a', (id) => told.push(['second', id]))
  watchers.add('b', (id) => told.push(['b', id]))
  watchers.tell('a', '1')
  watchers.tell('unknown', '1')
  end()
  end()
  watchers.tell('a', '2')
  watchers.tellAll()
  expect(told).toEqual([
    ['first', '1'],
    ['second', '1'],
    ['second', '2'],
    ['second', undefined],
    ['b', undefined],
  ])
})

test('one that ends while they are told, or begins, disturbs nobody', () => {
  const watchers = new Watchers(() => undefined)
  const told: string[] = []
  const end = watchers.add('a', () => {
    end()
    told.push('once')
  })
  watchers.add('a', () => told.push('always'))
  watchers.tell('a', '1')
  watchers.tell('a', '1')
  expect(told).toEqual(['once', 'always', 'always'])
})

test('what a watcher throws is told to whoever asked for it, and to nobody else', () => {
  const errors: unknown[] = []
  const watchers = new Watchers((error) => errors.push(error))
  const told: unknown[] = []
  watchers.add('a', () => {
    throw new Error('thrown by a watcher')
  })
  watchers.add('a', (id) => told.push(id))
  watchers.tell('a', '1')
  expect(told).toEqual(['1'])
  expect(errors).toEqual([new Error('thrown by a watcher')])
})
