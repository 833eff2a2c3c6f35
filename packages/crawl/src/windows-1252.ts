import { latin1 } from './bytes.js'

const WINDOWS_1252_HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** Node 20's own decoder reads 0x80 to 0x9F as ISO-8859-1 controls; the WHATWG table has curly quotes there. */
export function decodeWindows1252(bytes: Uint8Array): string {
  return latin1(bytes).replace(/[\x80-\x9f]/g, (char) =>
    WINDOWS_1252_HIGH.charAt(char.charCodeAt(0) - 0x80),
  )
}
