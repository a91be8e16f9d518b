import { fileURLToPath, URL } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "@pytlas/client": fileURLToPath(new URL("client/src/index.ts", import.meta.url)) },
  },
  test: { include: ["test/**/*.test.{ts,tsx}", "client/test/**/*.test.ts"] },
});
