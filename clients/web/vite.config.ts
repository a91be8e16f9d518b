import { existsSync } from "node:fs";
import { fileURLToPath, URL } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const server = process.env["PYTLAS_SERVER"] ?? "http://127.0.0.1:8000";

/** Serves manage.html at /manage while developing, as the server does with what is built. */
function manageAtItsAddress(): Plugin {
  return {
    name: "manage-at-its-address",
    configureServer(development) {
      development.middlewares.use((request, _answer, next) => {
        request.url = request.url?.replace(/^\/manage\/?(?=\?|$)/, "/manage.html");
        next();
      });
    },
  };
}

export default defineConfig({
  plugins: [manageAtItsAddress()],
  resolve: { alias: { "@pytlas/client": here("client/src/index.ts") } },
  build: {
    outDir: here("../../src/pytlas_wamp/web"),
    emptyOutDir: true,
    target: "es2022",
    // The polyfill is an inline script, and what is inlined has no address of its own: the
    // server's Content-Security-Policy takes neither.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["index.html", "manage.html"].map(here).filter((page) => existsSync(page)),
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/spec": server,
      "/ws": { target: server, ws: true },
    },
  },
});
