// Encodes the input's lines with each tokenizer of a folder by the Rust reference, and writes the ids, what they decode to, and tokens a second of the long text.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const [folder, input, output] = process.argv.slice(2);
process.env.TOKENIZERS_PARALLELISM = 'false';
const { Tokenizer } = createRequire(path.join(process.cwd(), 'x.js'))('@anush008/tokenizers');
const { lines, prose, before } = JSON.parse(fs.readFileSync(input, 'utf8'));
const options = { addSpecialTokens: false };
for (const name of fs.readdirSync(folder)) {
  const tokenizer = Tokenizer.fromFile(path.join(folder, name, 'tokenizer.json'));
  const ids = [];
  for (const line of lines) ids.push((await tokenizer.encode(line, null, options)).getIds());
  const texts = [];
  for (const line of ids) texts.push(await tokenizer.decode(line, true));
  await tokenizer.encode(before, null, options);
  const began = process.hrtime.bigint();
  const count = (await tokenizer.encode(prose, null, options)).getIds().length;
  const speed = count / (Number(process.hrtime.bigint() - began) / 1e9);
  fs.writeFileSync(path.join(output, `${name}.json`), JSON.stringify({ ids, texts, speed }));
}
