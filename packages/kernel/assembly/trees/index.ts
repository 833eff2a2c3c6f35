/**
 * Sums decision trees of depth 4 over four rows at once.
 *
 * No row takes a branch: all 15 conditions of a tree are looked at for four rows together, and the answers are
 * folded to the number of a leaf. The sums are added tree by tree in 64 bits, so they equal what one row alone gives.
 */
const LANES: i32 = 4
const MAX_FEATURES: i32 = 256
const MAX_TREES: i32 = 256
const INNER: i32 = 15
const LEAVES: i32 = 16

/** The rows, one after the other, each of MAX_FEATURES floats. */
const ROWS = memory.data(MAX_FEATURES * LANES * 4, 16)
/** The same by feature: that of the four rows side by side. */
const FEATURES = memory.data(MAX_FEATURES * LANES * 4, 16)
/** Per condition: which feature, as its distance in FEATURES in bytes. */
const COLUMNS = memory.data(MAX_TREES * INNER * 2, 16)
const THRESHOLDS = memory.data(MAX_TREES * INNER * 4, 16)
const LEAF_VALUES = memory.data(MAX_TREES * LEAVES * 4, 16)
const SUMS = memory.data(LANES * 8, 16)

export function rows(): usize {
  return ROWS
}
export function columns(): usize {
  return COLUMNS
}
export function thresholds(): usize {
  return THRESHOLDS
}
export function leafValues(): usize {
  return LEAF_VALUES
}
export function sums(): usize {
  return SUMS
}

/** Copies the first `width` features of each row to where the conditions look. */
function transpose(width: i32): void {
  const end = ROWS + (<usize>width << 2)
  let to = FEATURES
  for (let from = ROWS; from < end; from += 16) {
    const a = v128.load(from)
    const b = v128.load(from, MAX_FEATURES * 4)
    const c = v128.load(from, MAX_FEATURES * 8)
    const d = v128.load(from, MAX_FEATURES * 12)
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2))
    v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 16)
    v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 32)
    v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 48)
    to += 64
  }
}

/** All ones in the lanes whose row is over the threshold of condition `node` of the tree. */
@inline
function over(columns: usize, thresholds: usize, node: usize): v128 {
  return f32x4.gt(
    v128.load(FEATURES + <usize>load<u16>(columns + (node << 1))),
    v128.load32_splat(thresholds + (node << 2)),
  )
}

/** What the rows found further down: on the right where `side` is all ones, else on the left. */
@inline
function choose(side: v128, left: v128, right: v128): v128 {
  return v128.bitselect(right, left, side)
}

@inline
function leaf(values: usize, index: i32): f64 {
  return <f64>load<f32>(values + (<usize>index << 2))
}

/** Writes to SUMS what `trees` trees, which look at the first `width` features, add to `base`, per row. */
export function score(trees: i32, width: i32, base: f64): void {
  transpose(width)
  let at = COLUMNS
  let limits = THRESHOLDS
  let values = LEAF_VALUES
  let sum0 = base
  let sum1 = base
  let sum2 = base
  let sum3 = base
  for (let tree = 0; tree < trees; tree++) {
    const m0 = over(at, limits, 0)
    const m1 = over(at, limits, 1)
    const m2 = over(at, limits, 2)
    const m3 = over(at, limits, 3)
    const m4 = over(at, limits, 4)
    const m5 = over(at, limits, 5)
    const m6 = over(at, limits, 6)
    const level2 = choose(m0, choose(m1, m3, m4), choose(m2, m5, m6))
    const under1 = choose(
      m1,
      choose(m3, over(at, limits, 7), over(at, limits, 8)),
      choose(m4, over(at, limits, 9), over(at, limits, 10)),
    )
    const under2 = choose(
      m2,
      choose(m5, over(at, limits, 11), over(at, limits, 12)),
      choose(m6, over(at, limits, 13), over(at, limits, 14)),
    )
    const index = v128.or(
      v128.or(v128.and(m0, i32x4.splat(8)), v128.and(choose(m0, m1, m2), i32x4.splat(4))),
      v128.or(v128.and(level2, i32x4.splat(2)), v128.and(choose(m0, under1, under2), i32x4.splat(1))),
    )
    sum0 += leaf(values, i32x4.extract_lane(index, 0))
    sum1 += leaf(values, i32x4.extract_lane(index, 1))
    sum2 += leaf(values, i32x4.extract_lane(index, 2))
    sum3 += leaf(values, i32x4.extract_lane(index, 3))
    at += INNER << 1
    limits += INNER << 2
    values += LEAVES << 2
  }
  store<f64>(SUMS, sum0)
  store<f64>(SUMS, sum1, 8)
  store<f64>(SUMS, sum2, 16)
  store<f64>(SUMS, sum3, 24)
}
