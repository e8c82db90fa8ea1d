import type { Exchange } from '@sluice/core'
import { routedModel, why } from '@sluice/route-kit'
import { preferencesOf } from './preferences.ts'
import { servedVersion } from './versions.ts'

/** Tells who asks why what the name that the client sent stood for. @param plugin id of the instance */
export function explainName(exchange: Exchange, plugin: string): void {
  const explanation = why(exchange)
  if (!explanation) return
  const version = servedVersion(exchange)
  if (version) explanation.note(plugin, `the version of "${version.model}" is ${version.version}`)
  const model = routedModel(exchange)
  if (model !== exchange.model) explanation.note(plugin, `"${exchange.model}" stands for "${model}"`)
  const preferences = preferencesOf(exchange)
  if (preferences) explanation.note(plugin, `the client prefers ${JSON.stringify(preferences)}`)
}
