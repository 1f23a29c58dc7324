import { OpenAI } from 'openai';

const client = new OpenAI({ apiKey: 'sk-1', baseURL: 'https://api.example.com', dangerouslyAllowBrowser: true });
const messages = [{ role: 'user', content: 'Where is ORD-123?' }];
console.log(await client.chat.completions.create({ model: 'gpt', messages }));
