import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** The yaml library alone, as a process: reads each file under a folder and makes plain values of it. */
const [folder = '.'] = process.argv.slice(2);
let documents = 0;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  for (const document of parseAllDocuments(readFileSync(join(entry.parentPath, entry.name), 'utf8'))) {
    if ('toJS' in document) document.toJS();
    documents++;
  }
}
console.log(documents);
