// Made by `npm pack` from public/embed.d.ts.
export type * from './embed.js'

/**
 * Loads the script of the element, `<clientele-customers>`, from a Clientele server. Further calls do nothing. After an error the next
 * call tries again.
 *
 * @param base Address of the Clientele server: `https://clientele.example`.
 * @returns A promise that is fulfilled when the element is defined.
 */
export function load(base: string | URL): Promise<void>
