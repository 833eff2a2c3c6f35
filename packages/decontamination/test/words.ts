/** `count` different made-up words, `word0 word1 …` with a prefix, so that two texts share no n-gram by chance. */
export function words(prefix: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `${prefix}${String.fromCharCode(97 + (i % 26))}${i}`,
  )
}

export function sentence(prefix: string, count: number): string {
  return words(prefix, count).join(' ')
}
