// What four clients of the field do with an endpoint: each line of output is one of them and what it got.
import OpenAI from "openai";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, streamText } from "ai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";

const { BASE_URL: baseURL, API_KEY: apiKey, MODEL: model } = process.env;
const question = [{ role: "user", content: "What is 2 plus 3?" }];
const say = (who, what) => console.log(`${who}: ${JSON.stringify(what)}`);
const refusal = async (who, ask) => {
  try { await ask(); say(who, "answered"); } catch (e) { say(who, { name: e.constructor.name, status: e.status, code: e.code, type: e.type }); }
};

const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
say("models.list", (await openai.models.list()).data.map(m => m.id).includes(model));
say("models.retrieve", (await openai.models.retrieve(model)).id === model);
const whole = await openai.chat.completions.create({ model, messages: question, max_tokens: 8, temperature: 0 });
say("chat", { text: typeof whole.choices[0].message.content, reason: whole.choices[0].finish_reason, used: whole.usage.total_tokens === whole.usage.prompt_tokens + whole.usage.completion_tokens });
let streamed = "", usage = null;
for await (const part of await openai.chat.completions.create({ model, messages: question, max_tokens: 8, temperature: 0, stream: true, stream_options: { include_usage: true } })) {
  streamed += part.choices[0]?.delta?.content ?? "";
  usage ??= part.usage;
}
say("chat streamed", { same: streamed === whole.choices[0].message.content, used: usage?.total_tokens === whole.usage.total_tokens });
const text = await openai.completions.create({ model, prompt: ["Once upon"], max_tokens: 4, temperature: 0 });
say("completion", typeof text.choices[0].text);
const response = await openai.responses.create({ model, input: "What is 2 plus 3?", max_output_tokens: 16 });
say("responses", { status: response.status, text: typeof response.output_text });
await refusal("unknown model", () => openai.chat.completions.create({ model: "nobody", messages: question }));
await refusal("unknown route", () => openai.images.generate({ model, prompt: "a cat" }));
await refusal("too long", () => openai.chat.completions.create({ model, messages: [{ role: "user", content: "word ".repeat(20000) }] }));
await refusal("wrong key", () => new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 }).models.list());

const chain = new ChatOpenAI({ model, apiKey, temperature: 0, maxTokens: 8, maxRetries: 0, configuration: { baseURL } });
say("langchain", (await chain.invoke("What is 2 plus 3?")).content === whole.choices[0].message.content);
let pieces = "";
for await (const piece of await chain.stream("What is 2 plus 3?")) pieces += piece.content;
say("langchain streamed", pieces === whole.choices[0].message.content);

const provider = createOpenAICompatible({ name: "webtrainer", baseURL, apiKey });
const sdk = await generateText({ model: provider(model), prompt: "What is 2 plus 3?", maxOutputTokens: 8, temperature: 0, maxRetries: 0 });
say("ai", sdk.text === whole.choices[0].message.content);
let flow = "";
for await (const piece of streamText({ model: provider(model), prompt: "What is 2 plus 3?", maxOutputTokens: 8, temperature: 0 }).textStream) flow += piece;
say("ai streamed", flow === whole.choices[0].message.content);
