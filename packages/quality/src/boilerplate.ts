/**
 * Phrases of cookie, privacy, terms, subscribe and share notices. A line goes only when it is short and mostly made of
 * them, so that prose about cookies or privacy stays.
 */
export const BOILERPLATE_PHRASES: readonly string[] = [
  ...[
    'accept all cookies',
    'accept cookies',
    'reject all cookies',
    'cookie settings',
    'cookie preferences',
  ],
  ...[
    'manage cookies',
    'cookie policy',
    'cookies policy',
    'cookie notice',
    'we use cookies',
    'this site uses cookies',
  ],
  ...[
    'this website uses cookies',
    'our site uses cookies',
    'by continuing to use this site',
    'privacy policy',
  ],
  ...[
    'privacy notice',
    'privacy statement',
    'terms of use',
    'terms of service',
    'terms and conditions',
  ],
  ...[
    'terms & conditions',
    'terms & privacy',
    'all rights reserved',
    'do not sell my personal information',
  ],
  ...[
    'subscribe to our newsletter',
    'sign up for our newsletter',
    'join our newsletter',
    'subscribe now',
  ],
  ...[
    'subscribe to our mailing list',
    'enter your email address',
    'share on facebook',
    'share on twitter',
  ],
  ...[
    'share on linkedin',
    'share on pinterest',
    'share on whatsapp',
    'share on reddit',
    'share via email',
  ],
  ...[
    'share this article',
    'share this post',
    'share this page',
    'share this story',
    'share this:',
    'tweet this',
  ],
  ...[
    'pin it',
    'email this',
    'click to share',
    'opens in new window',
    'follow us on',
    'like us on facebook',
  ],
  ...[
    'skip to content',
    'skip to main content',
    'skip to navigation',
    'back to top',
    'jump to navigation',
  ],
  ...[
    'powered by wordpress',
    'alle cookies akzeptieren',
    'cookie-einstellungen',
    'datenschutzerklärung',
  ],
  ...[
    'allgemeine geschäftsbedingungen',
    'alle rechte vorbehalten',
    'newsletter abonnieren',
    'auf facebook teilen',
  ],
  ...['tout accepter', 'politique de confidentialité', 'politique de cookies', 'mentions légales'],
  ...[
    "conditions d'utilisation",
    'tous droits réservés',
    'partager sur facebook',
    'aceptar cookies',
  ],
  ...[
    'política de privacidad',
    'política de cookies',
    'términos de uso',
    'aviso legal',
    'todos los derechos reservados',
  ],
]

/** A longer line is never taken for boilerplate, in bytes. */
const MAX_LINE = 160
/** Share of a line's bytes, white space at its ends aside, that phrases must make up. */
const MIN_SHARE = 0.4

const LINE_FEED = 0x0a

/**
 * The lines of `text` to be cut, as pairs of [start, end) that include the line feed. `matches` are pairs of [start, end)
 * of the phrases found, in order of their ends, and may overlap.
 */
export function boilerplateLines(text: Uint8Array, matches: readonly number[]): number[] {
  const cuts: number[] = []
  for (let m = 0; m < matches.length; ) {
    const at = matches[m] as number
    const start = lineStart(text, at)
    const end = lineEnd(text, at)
    let covered = 0
    let reached = start
    for (; m < matches.length && (matches[m] as number) < end; m += 2) {
      const from = Math.max(reached, matches[m] as number)
      const to = matches[m + 1] as number
      if (to <= from) continue
      covered += to - from
      reached = to
    }
    if (end - start <= MAX_LINE && covered >= MIN_SHARE * visibleLength(text, start, end))
      cuts.push(start, Math.min(text.length, end + 1))
  }
  return cuts
}

/** Start of the line around `at`; no further back than shows that the line is too long. */
function lineStart(text: Uint8Array, at: number): number {
  const limit = Math.max(0, at - MAX_LINE - 1)
  let start = at
  while (start > limit && text[start - 1] !== LINE_FEED) start--
  return start
}

function lineEnd(text: Uint8Array, at: number): number {
  const end = text.indexOf(LINE_FEED, at)
  return end < 0 ? text.length : end
}

function visibleLength(text: Uint8Array, start: number, end: number): number {
  while (start < end && (text[start] as number) <= 0x20) start++
  while (end > start && (text[end - 1] as number) <= 0x20) end--
  return end - start
}
