/**
 * Puts `item` into `list`, kept in the order of `compare` and at most `size` long: the smallest stay. Which items stay
 * depends on the items alone, not on the order they come in, so partial lists can be merged in any order.
 */
export function insertSmallest<T>(
  list: T[],
  item: T,
  size: number,
  compare: (a: T, b: T) => number,
): void {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(list[middle] as T, item) <= 0) low = middle + 1
    else high = middle
  }
  if (low >= size) return
  list.splice(low, 0, item)
  if (list.length > size) list.pop()
}

/** The order of code units: the same everywhere, unlike localeCompare. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
