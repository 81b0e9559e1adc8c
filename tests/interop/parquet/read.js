// Prints the rows of a Parquet file as JSON, as somebody else's reader (hyparquet) has them.
import { readFileSync } from "node:fs";
import { parquetReadObjects } from "hyparquet";

const raw = readFileSync(process.argv[2]);
const file = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength);
const rows = await parquetReadObjects({ file });
const plain = (_, value) => (typeof value === "bigint" ? Number(value) : value);
process.stdout.write(JSON.stringify(rows, plain));
