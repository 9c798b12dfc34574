// Whether a document is valid AsyncAPI, by the official parser: node validate.js FILE
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));
for (const { severity, code, path, message } of diagnostics) {
  console.log(["error", "warning", "information", "hint"][severity], code, path.join("."), message);
}
console.log(document ? `valid: ${document.version()}` : "not valid");
process.exitCode = document ? 0 : 1;
