import { expect, it } from 'vitest'
import { printable } from '../src/terminal/printable.js'

it('text of a page cannot command the terminal', () => {
  expect(printable('\u001b]0;title\u0007 \u009b31m \u202egnp\r\nline\ttab é 中')).toBe(
    '\\u001b]0;title\\u0007 \\u009b31m \\u202egnp\\u000d\nline\ttab é 中',
  )
})
