/** Where things stand in the `Store`. */
export const KEYS = 'keys'
export const META = 'auth-keys'
