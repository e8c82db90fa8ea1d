/** Tells when something happened in folders. */
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'

/** Milliseconds of quiet before anybody looks: an editor writes in several steps. */
const QUIET = 100

/**
 * Calls `look` after each change in one of the folders. Not files are watched but folders: a watch on a file
 * ends with its first atomic rename, and misses the link that Kubernetes swaps.
 * @param folders is asked again each time
 * @returns starts the watch, and looks by itself; to be called again when the folders may be others
 */
export function watchFolders(folders: () => Iterable<string>, look: () => void): () => void {
  let watchers: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const stir = (): void => {
    clearTimeout(timer)
    timer = setTimeout(follow, QUIET)
  }
  // A folder that was deleted and made again is another one: each time all are watched anew.
  const follow = (): void => {
    for (const watcher of watchers) watcher.close()
    watchers = Array.from(folders()).flatMap((folder) => {
      try {
        return watch(folder, stir).on('error', stir)
      } catch {
        return []
      }
    })
    look()
  }
  return follow
}
