/**
 * Why a file cannot be used, and what to do. Threads throw it: they do not load the kernel, which would cost each of
 * them its memory again.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** What went wrong in words, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
