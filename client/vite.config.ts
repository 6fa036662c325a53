import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  plugins: [react()],
  // The server's policy is `font-src 'self'`: nothing may be inlined as a data: address.
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/socket.io": { target: "http://127.0.0.1:8025", ws: true }, "/api": "http://127.0.0.1:8025" } },
});
