import { createContext, useContext, useMemo } from "react";
import type { ReactNode } from "react";
import { useLive } from "../live/hooks.ts";
import { createFormats, ownZone } from "./format.ts";
import type { Formats } from "./format.ts";

const FormatsContext = createContext<Formats>(createFormats("en-GB", "UTC"));

export const useFormats = (): Formats => useContext(FormatsContext);

/** A wall speaks the site's zone and locale; a person's own screen speaks the person's. Both name the zone. */
export function FormatsOf({ reader, children }: { readonly reader: "site" | "person"; readonly children: ReactNode }) {
  const siteLocale = useLive((view) => view.received?.state.meta.site.locale ?? "en-GB");
  const siteZone = useLive((view) => view.received?.state.meta.site.timezone ?? "UTC");
  const [locale, zone] = reader === "site" ? [siteLocale, siteZone] : [navigator.language, ownZone()];
  const formats = useMemo(() => createFormats(locale, zone), [locale, zone]);
  return <FormatsContext value={formats}>{children}</FormatsContext>;
}
