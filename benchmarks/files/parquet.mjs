// The first rows of a Parquet file, as hyparquet reads them: node parquet.mjs FILE TARGET. A process a file: broken ones end it.
import { readFileSync, writeFileSync } from "node:fs";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

const [file, target] = process.argv.slice(2);
const plain = value =>
  typeof value === "bigint" ? { $number: value.toString() }
  : value instanceof Date ? { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  : ArrayBuffer.isView(value) && !(value instanceof DataView) ? { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex") }
  : Array.isArray(value) ? value.map(plain)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  : typeof value === "number" && !Number.isFinite(value) ? null
  : value;
let result;
try {
  const bytes = readFileSync(file);
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = Number(parquetMetadata(whole).num_rows);
  result = { count: rows, records: (await parquetReadObjects({ file: whole, compressors, rowEnd: Math.min(rows, 2000) })).map(plain) };
} catch (problem) {
  result = { refused: String(problem) };
}
writeFileSync(target, JSON.stringify(result));
