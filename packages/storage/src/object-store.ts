/** What a store knows of an object without reading it. `modified` is milliseconds since 1970. */
export interface ObjectInfo {
  readonly key: string
  readonly size: number
  readonly modified: number
}

/**
 * Where everything a run writes lives: local files here, S3 in the cluster.
 *
 * Keys are relative, `/`-separated paths. A `put` appears whole or not at all, and is durable when it resolves.
 */
export interface ObjectStore {
  /** URI of the store's root, for messages to people. */
  readonly uri: string
  put(key: string, bytes: Uint8Array): Promise<void>
  /**
   * Puts the object unless one of that key is there: true when this call made it, false when it was there.
   * Of many callers at once, exactly one gets true.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>
  /** Throws StorageError when absent. */
  get(key: string): Promise<Uint8Array>
  /** Bytes [offset, offset + length), fewer at the end of the object. */
  read(key: string, offset: number, length: number): Promise<Uint8Array>
  head(key: string): Promise<ObjectInfo | undefined>
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Deletes the object; nothing happens when it is absent. */
  delete(key: string): Promise<void>
  /** The same store below a folder-like prefix (`runs/NAME`, with or without the last `/`). */
  sub(prefix: string): ObjectStore
}

/** A file or object that can be read at any place: what crawl readers take. */
export interface RandomAccess {
  readonly uri: string
  readonly size: number
  /** Bytes [offset, offset + length), fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}
