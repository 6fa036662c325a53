import { serve } from "../../src/store/worker/serve.ts";

/** A worker that can be made to fail in each way there is. */
const api = {
  add: (a: number, b: number): number => a + b,
  fail(): void {
    throw new RangeError("too far");
  },
  die: (): void => process.exit(3),
  /** Where nobody asked, and as a library in another language does it: no Error once it has crossed. */
  throwLater(message: string): Promise<never> {
    setImmediate(() => {
      throw Object.create({ name: "Foreign" }, { message: { value: message, enumerable: true } });
    });
    return new Promise(() => {});
  },
  hang: (): Promise<never> => new Promise(() => {}),
};
export type FragileApi = typeof api;

serve(api);
