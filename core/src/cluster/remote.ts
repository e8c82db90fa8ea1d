/** A worker's end of the services that the primary process holds. */
import type { ServiceRequest } from './host.ts'
import type { Service, Shared, Use } from './service.ts'

export async function remoteService<T extends Service>(
  request: ServiceRequest,
  onClose: (dispose: () => Promise<void>) => void,
): Promise<Use<T>> {
  void request
  void onClose
  return { service: {} as Shared<T>, peer: '', onEvent: () => undefined }
}
