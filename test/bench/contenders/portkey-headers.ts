/**
 * Loaded before Portkey. As published it answers 500 to every stream, because it appends to the headers of
 * what fetch returned and those are immutable; a copy of them is all it lacks.
 */
const nativeFetch = globalThis.fetch

globalThis.fetch = async (...request) => {
  const response = await nativeFetch(...request)
  return Object.defineProperty(response, 'headers', { value: new Headers(response.headers) })
}
