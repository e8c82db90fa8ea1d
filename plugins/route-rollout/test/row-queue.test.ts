import type { Logger } from '@sluice/core'
import { expect, test } from 'vitest'
import { RowQueue } from '../src/row-queue.ts'
import { SharedStore } from './support/shared-store.ts'

test('rows for which there is no room are lost, and the log says how many', async () => {
  const warned: unknown[] = []
  const log = { warn: (fields: object, text: string) => void warned.push([fields, text]) } as unknown as Logger
  const queue = new RowQueue(new SharedStore(), 'rows', log)
  for (let row = 0; row < 20_003; row++) queue.add({ id: String(row), time: 0, data: {} })
  await queue.flush()
  await queue.flush()
  expect(warned).toEqual([[{ rows: 3 }, 'rows came faster than they could be written']])
})
