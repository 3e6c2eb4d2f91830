// The entry of a REPL session's thread: the first message starts it.
import { internalError } from "./endings.ts";
import { SessionThread, type SessionReply, type SessionStart } from "./session.ts";

declare const self: Worker;

self.onmessage = (message: MessageEvent<SessionStart>) => {
  const thread = new SessionThread(message.data, (reply: SessionReply) => self.postMessage(reply));
  thread.run().catch((error: unknown) => {
    self.postMessage({ kind: "broken", text: internalError(error) } satisfies SessionReply);
  });
};
