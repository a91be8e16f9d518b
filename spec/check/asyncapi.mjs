// Checks an AsyncAPI document, and every schema it refers to, with AsyncAPI's own parser.
// Usage: NODE_DIR=<where npm installed> node asyncapi.mjs <file>; exit code 1: not valid.
import { createRequire } from "node:module";
import { resolve } from "node:path";

// The parser is installed outside of spec/, where a plain import would not look.
const require = createRequire(resolve(process.env.NODE_DIR ?? ".", "package.json"));
const { Parser, fromFile } = require("@asyncapi/parser");

const file = resolve(process.argv[2] ?? "asyncapi.yaml");
const { document, diagnostics } = await fromFile(new Parser(), file).parse();

// A newer version of AsyncAPI does not make this document wrong.
const found = diagnostics.filter(({ code }) => code !== "asyncapi-latest-version");
for (const { code, message, path, range } of found) {
  console.error(`${file}:${range.start.line + 1}: ${code}: ${message} (${path.join(".")})`);
}
if (document === undefined || found.length > 0) {
  process.exit(1);
}
const messages = document.messages().all().length;
console.log(`${file}: valid AsyncAPI ${document.version()}, ${messages} messages`);
