// The same as server.jan on Node's http: the decoded path, a length, a date.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const body = "hello, " + decodeURIComponent(String(request.url).split("?", 1).join(""));
  response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`127.0.0.1:${address.port}`);
});
