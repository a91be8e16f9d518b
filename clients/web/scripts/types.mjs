// Writes the types of the wire from the contract: client/src/frames.ts from spec/schema, and
// client/src/api.ts from spec/openapi.yaml. With --check it fails where they differ instead.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";
import openapiTypescript, { astToString } from "openapi-typescript";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SCHEMAS = here("../../../spec/schema/");
const OPENAPI = new URL("../../../spec/openapi.yaml", import.meta.url);
const CONVERSATION = ["thinking", "answer", "ask", "done", "context", "language", "said"];
const note = (source) => `// Made from ${source} by \`npm run types\`; change that instead.\n\n`;
const named = (type) => `${type[0].toUpperCase()}${type.slice(1)}Frame`;

// Schemas allow any other key. In a type this would let every misspelt name pass, so only those
// objects stay open in which the keys of skills stand.
function narrowed(schema, key) {
  if (Array.isArray(schema)) return schema.map((item) => narrowed(item, key));
  if (schema === null || typeof schema !== "object") return schema;
  const pairs = Object.entries(schema).map(([name, value]) => [name, narrowed(value, name)]);
  const result = Object.fromEntries(pairs);
  if (key !== "properties" && schema.type === "object")
    result.additionalProperties = key === "data" || key === "meta";
  return result;
}

async function frames() {
  const files = (await readdir(SCHEMAS)).filter((name) => name.endsWith(".schema.json")).sort();
  const schemas = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(SCHEMAS + file, "utf8"))),
  );
  const senders = { client: [], server: [] };
  const parts = [];
  for (const { $schema, $id, ...schema } of schemas) {
    const name = named(schema.title);
    for (const sender of [schema["x-sender"]].flat()) senders[sender]?.push(name);
    const types = await compile(narrowed({ ...schema, title: name }), name, {
      additionalProperties: false,
      bannerComment: "",
      declareExternallyReferenced: true,
      enableConstEnums: false,
      format: true,
      ignoreMinAndMaxItems: true,
      style: { printWidth: 100 },
    });
    parts.push(types);
  }
  const union = (name, doc, members) =>
    `/** ${doc} */\nexport type ${name} =\n${members.map((member) => `  | ${member}`).join("\n")};\n`;
  return [
    note("spec/schema"),
    ...parts,
    union("ClientFrame", "What clients send.", senders.client),
    union("ServerFrame", "What the server sends.", senders.server),
    union("ConversationFrame", "What carries `seq` (spec 5.3); an error only if it has one.", [
      ...CONVERSATION.map(named),
      "(ErrorFrame & { seq: number })",
    ]),
  ].join("\n");
}

async function api() {
  const ast = await openapiTypescript(OPENAPI, { alphabetize: true });
  return note("spec/openapi.yaml") + astToString(ast);
}

const check = process.argv.includes("--check");
let stale = false;
for (const [name, make] of [
  ["frames.ts", frames],
  ["api.ts", api],
]) {
  const path = here(`../client/src/${name}`);
  const made = await make();
  if (!check) await writeFile(path, made);
  else if ((await readFile(path, "utf8").catch(() => "")) !== made) {
    stale = true;
    console.error(`client/src/${name} is not what the contract says: run \`npm run types\`.`);
  }
}
process.exit(stale ? 1 : 0);
