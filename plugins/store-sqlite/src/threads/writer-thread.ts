import { workerData } from 'node:worker_threads'
import { Writer } from '../writer.ts'
import { serve } from './serve.ts'

serve(() => new Writer(workerData as string))
