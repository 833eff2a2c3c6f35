declare module 'parquetjs-lite' {
  interface Cursor {
    next(): Promise<unknown>
  }
  class ParquetReader {
    static openFile(path: string): Promise<ParquetReader>
    getCursor(): Cursor
    getRowCount(): unknown
    close(): Promise<void>
  }
  const parquet: { ParquetReader: typeof ParquetReader }
  export default parquet
}
