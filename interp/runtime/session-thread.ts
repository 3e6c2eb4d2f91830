// The entry of a REPL session's thread: the first message starts it.
import { SessionThread, type SessionReply, type SessionStart } from "./session.ts";

declare const self: Worker;

self.onmessage = (message: MessageEvent<SessionStart>) => {
  const thread = new SessionThread(message.data, (reply: SessionReply) => self.postMessage(reply));
  void thread.run();
};
