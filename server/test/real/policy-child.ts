// A policy server in a process of its own, so that it can be stopped and killed.
import { listenForPolicy } from "../../src/collect/policy/server.ts";

const port = Number(process.argv[2]);
await listenForPolicy({
  listen: { host: "127.0.0.1", port },
  address: ["127.0.0.0/8"],
  asked: (request) => console.log(JSON.stringify(request)),
});
