/**
 * Begins work on items before their turn, at most `limit` of them, and yields what comes of it in their order,
 * without waiting for the next item.
 */
export async function* readAhead<Item, Work>(
  items: AsyncIterable<Item>,
  limit: number,
  begin: (item: Item) => Promise<Work>,
): AsyncGenerator<Awaited<Work>> {
  const begun: Promise<Work>[] = []
  let ended = false
  let failure: unknown
  let wakeReader = (): void => {}
  let wakeTaker = (): void => {}
  const reading = (async () => {
    try {
      for await (const item of items) {
        const work = begin(item)
        // Whoever takes it sees the failure.
        work.catch(() => {})
        begun.push(work)
        wakeTaker()
        while (begun.length >= limit && !ended)
          await new Promise<void>((resolve) => {
            wakeReader = resolve
          })
        if (ended) return
      }
    } catch (error) {
      failure = error
    }
    ended = true
    wakeTaker()
  })()
  try {
    for (;;) {
      const work = begun.shift()
      if (work !== undefined) {
        wakeReader()
        yield await work
      } else if (ended) break
      else
        await new Promise<void>((resolve) => {
          wakeTaker = resolve
        })
    }
    if (failure !== undefined) throw failure
    await reading
  } finally {
    ended = true
    wakeReader()
  }
}
