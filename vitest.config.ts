import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/outside-programs.setup.ts"],
    // Real servers on a busy machine: limits catch what hangs, they measure nothing.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
