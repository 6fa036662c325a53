#!/usr/bin/env node
try {
  await import("../packed/main.js");
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes("packed/main.js")) throw error;
  console.error('mailtide: not built yet: run "npm run build" at the root, or use "npm start"');
  process.exit(1);
}
